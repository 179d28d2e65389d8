//! API keys.

use super::Secrets;
use crate::support::{Answer, Installation, Owner};
use reqwest::Method;
use serde_json::json;

const WRONG_KEY: &str = "vt_sk_0123456789abcdefghijABCDEFGHIJ0123456789";

/// Keys made, used in every way, and refused.
pub(super) async fn keys(vitrine: &Installation, secrets: &mut Secrets) {
    let owner = Owner::signs_in(vitrine, "ada@example.com").await;
    secrets.add("access token", &owner.access_token);
    let secret = owner.makes_key("secret", &["feeds:read", "accounts:read"]).await;
    let publishable = owner.makes_key("publishable", &[]).await;
    let feed = owner.default_feed().await;
    owner
        .photos_that(&feed, &publishable, |feed| {
            !feed["data"].as_array().unwrap().is_empty()
        })
        .await;
    let stranger = vitrine.program(None);
    stranger
        .get(&format!("/v1/feeds/{feed}/photos?key={publishable}"))
        .await
        .expect(200);
    stranger
        .get(&format!(
            "/graph/me/media?access_token={publishable}&fields=id,caption"
        ))
        .await
        .expect(200);
    vitrine.get(&format!("/compat/token.js?key={publishable}")).await;
    stranger
        .get(&format!("/v1/feeds/{feed}/photos?key={WRONG_KEY}"))
        .await;
    vitrine
        .program(Some(&secret))
        .get("/v1/accounts")
        .await
        .expect(200);
    vitrine
        .program(Some(WRONG_KEY))
        .get("/v1/accounts")
        .await
        .problem(401);
    secrets.add("secret key", secret);
    secrets.add("publishable key", publishable);
    secrets.add("wrong key", WRONG_KEY);
    rotated(&owner, secrets).await;
}

/// A key that is made by a request which is sent twice, and then replaced.
async fn rotated(owner: &Owner<'_>, secrets: &mut Secrets) {
    let body = json!({"name": "named", "kind": "secret", "scopes": ["feeds:read"]});
    let make = async || {
        let request = owner.request(Method::POST, "/v1/api-keys").json(&body);
        let request = request.header("Idempotency-Key", "make-a-key-0001");
        Answer::of(request.send().await.unwrap()).await
    };
    let (first, again) = (make().await, make().await);
    assert_eq!(first.expect(201), again.expect(201));
    assert_eq!(again.header("idempotency-replayed"), "true");
    secrets.of_answer(&first.json());
    let path = format!("/v1/api-keys/{}/rotate", first.json()["id"].as_str().unwrap());
    let rotated = owner
        .post(&path, &json!({"overlap_seconds": 60}))
        .await
        .expect(201);
    assert_ne!(rotated["key"], first.json()["key"]);
    secrets.of_answer(&rotated);
}
