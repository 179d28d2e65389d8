//! Keys in the place of tokens.

use super::refusal;
use crate::support::{Answer, Engines, Installation, connected, on_both_pairs};
use reqwest::{Method, header};
use serde_json::json;

on_both_pairs!(a_key_stands_where_its_token_did);

async fn a_key_stands_where_its_token_did(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let (owner, _, _, key) = connected(&vitrine).await;
    let secret = owner.makes_key("secret", &["feeds:read"]).await;
    let weak = owner.makes_key("secret", &["accounts:read"]).await;
    let body = json!({"name": "shop", "kind": "publishable", "allowed_origins": ["https://shop.example"]});
    let bound = owner.post("/v1/api-keys", &body).await.expect(201)["key"]
        .as_str()
        .unwrap()
        .to_owned();

    assert_eq!(refusal(&vitrine.get("/graph/me").await), (400, 104, None));
    for token in ["", "IGAAnonsense", "vt_pk_nonsense", secret.as_str()] {
        let answer = vitrine.get(&format!("/graph/me?access_token={token}")).await;
        assert_eq!(refusal(&answer), (400, 190, None), "{token}");
        assert_eq!(answer.header("www-authenticate"), "");
        assert_eq!(
            answer.header("access-control-allow-origin"),
            "*",
            "scripts may read why"
        );
    }
    vitrine.program(Some(&secret)).get("/graph/me").await.expect(200);
    assert_eq!(
        refusal(&vitrine.program(Some(&weak)).get("/graph/me").await),
        (403, 10, None)
    );
    let from = async |origin: &str, path: &str| {
        let request = vitrine.program(None).request(Method::GET, path);
        Answer::of(request.header(header::ORIGIN, origin).send().await.unwrap()).await
    };
    let path = format!("/graph/me?access_token={bound}");
    assert_eq!(from("https://shop.example", &path).await.status, 200);
    assert_eq!(
        refusal(&from("https://other.example", &path).await),
        (403, 10, None)
    );
    vitrine
        .get(&format!("/graph/me?access_token={key}"))
        .await
        .expect(200);
}
