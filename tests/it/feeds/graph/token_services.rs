//! Addresses that hand out a token.

use crate::support::{Answer, Engines, Installation};
use serde_json::json;

/// The token addresses say the key back to whom it belongs.
#[tokio::test]
async fn token_services_are_replaced() {
    let vitrine = Installation::start(Engines::Alone).await;
    let owner = vitrine.owner("ada").await;
    let body = json!({"name": "shop", "kind": "publishable", "allowed_origins": ["https://shop.example"]});
    let key = owner.post("/v1/api-keys", &body).await.expect(201)["key"]
        .as_str()
        .unwrap()
        .to_owned();
    let secret = owner.makes_key("secret", &["feeds:read"]).await;
    let from = async |name: &'static str, page: &str, path: &str| {
        let request = vitrine
            .http
            .get(format!("{}{path}", vitrine.address))
            .header(name, page);
        Answer::of(request.send().await.unwrap()).await
    };

    let script = vitrine.get(&format!("/compat/token.js?key={key}")).await;
    let named = vitrine
        .get(&format!("/compat/token.js?key={key}&const=Other"))
        .await;
    let json = vitrine.get(&format!("/compat/token.json?key={key}")).await;
    let text = vitrine.get(&format!("/compat/token?key={key}")).await;

    assert_eq!(script.text, format!("var InstagramToken = '{key}';\n"));
    assert_eq!(script.header("content-type"), "text/javascript; charset=utf-8");
    assert_eq!(script.header("cross-origin-resource-policy"), "cross-origin");
    assert_eq!(script.header("cache-control"), "private, max-age=300");
    assert!(script.header("vary").contains("Referer"));
    assert_eq!(named.text, format!("var Other = '{key}';\n"));
    assert_eq!(json.expect(200), json!({"Token": key, "token": key}));
    assert_eq!(text.text, key);
    let instant = |name: &str| format!("/compat/{name}?userSecret={key}");
    let json = json!({"Token": key, "token": key});
    assert_eq!(vitrine.get(&instant("token")).await.expect(200), json);
    assert_eq!(vitrine.get(&instant("token.json")).await.expect(200), json);
    assert_eq!(vitrine.get(&instant("token.js")).await.text, script.text);
    let path = format!("/compat/token.js?key={key}");
    assert_eq!(
        from("referer", "https://shop.example/page", &path).await.status,
        200
    );
    let ours = from("origin", "https://shop.example", &path).await;
    assert_eq!(ours.header("access-control-allow-origin"), "https://shop.example");
    for (name, page) in [
        ("referer", "https://other.example/"),
        ("origin", "https://other.example"),
        ("origin", "null"),
    ] {
        assert_eq!(
            from(name, page, &path).await.problem(403),
            "origin_not_allowed",
            "{page}"
        );
    }
    for path in ["/compat/token.js", "/compat/token.json", "/compat/token"] {
        let with = |key: &str| format!("{path}?key={key}");
        let instant = vitrine.get(&format!("{path}?userSecret={secret}")).await;
        assert_eq!(instant.problem(403), "secret_key_in_address");
        assert_eq!(vitrine.get(path).await.problem(401), "unauthenticated");
        assert_eq!(vitrine.get(&with("vt_pk_x")).await.problem(401), "invalid_key");
        assert_eq!(
            vitrine.get(&with(&secret)).await.problem(403),
            "secret_key_in_address"
        );
    }
    let injected = vitrine
        .get(&format!("/compat/token.js?key={key}&const=alert(1)%3Bx"))
        .await;
    assert_eq!(injected.problem(422), "invalid_query");
}
