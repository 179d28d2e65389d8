//! What each kind of key may read.

use crate::support::{Answer, Engines, Installation, connected, on_both_pairs};
use reqwest::Method;
use serde_json::json;

on_both_pairs!(publishable_keys_read_and_nothing_else);

async fn publishable_keys_read_and_nothing_else(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let (owner, account, feed, key) = connected(&vitrine).await;
    let page = vitrine.program(Some(&key));

    for path in ["/v1/feeds", "/v1/accounts", "/v1/jobs"] {
        assert_eq!(page.get(path).await.problem(403), "insufficient_scope", "{path}");
    }
    for (method, path) in [
        (Method::PATCH, format!("/v1/feeds/{feed}")),
        (Method::DELETE, format!("/v1/feeds/{feed}")),
        (Method::POST, "/v1/feeds".to_owned()),
        (Method::POST, format!("/v1/accounts/{account}/sync")),
    ] {
        let request = page.request(method, &path).json(&json!({}));
        let answer = Answer::of(request.send().await.unwrap()).await;
        assert_eq!(answer.problem(403), "insufficient_scope", "{path}");
    }
    let secret = owner.makes_key("secret", &["accounts:read"]).await;
    let photos = format!("/v1/feeds/{feed}/photos");
    assert_eq!(
        vitrine.program(Some(&secret)).get(&photos).await.problem(403),
        "insufficient_scope"
    );
    let secret = owner.makes_key("secret", &["feeds:read"]).await;
    vitrine.program(Some(&secret)).get(&photos).await.expect(200);
    let in_address = vitrine.get(&format!("{photos}?key={secret}")).await;
    assert_eq!(in_address.problem(403), "secret_key_in_address");
}
