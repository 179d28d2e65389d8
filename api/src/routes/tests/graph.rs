//! Trouble of every layer, on the routes that speak Instagram's words.

use super::*;

#[actix_web::test]
async fn every_layer_speaks_instagrams_words() {
    let app = TestApp::start().await;
    let long = format!("/graph/me?x={}", "x".repeat(9_000));

    for (method, path, status, code) in [
        ("GET", "/graph/me/media", 400, 104),
        ("GET", "/graph/v25.0/me/media/", 400, 104),
        ("GET", "/graph/me/media?access_token=x", 400, 190),
        ("GET", "/graph/me/media?access_token=vt_sk_x", 400, 190),
        ("GET", "/graph", 400, 2500),
        ("GET", "/graph/me/stories", 400, 2500),
        ("DELETE", "/graph/v25.0/me", 405, 100),
        ("GET", &long, 414, 100),
    ] {
        let answer = app.send(ask(method, path)).await;
        let error = &answer.json()["error"];
        assert_eq!(
            (answer.status, &error["code"]),
            (status, &json!(code)),
            "{method} {path}"
        );
        assert_eq!(
            error["fbtrace_id"],
            answer.header("x-request-id").unwrap(),
            "{path}"
        );
        assert_eq!(answer.header("content-type"), Some("application/json"), "{path}");
        assert_eq!(answer.header("www-authenticate"), None, "{path}");
    }
    assert_eq!(app.send(ask("GET", "/graphs")).await.problem(), "not_found");
    let preflight = ask("OPTIONS", "/graph/me/media").insert_header((ORIGIN, "https://any.example"));
    assert_eq!(app.send(preflight).await.status, 204);
}

#[actix_web::test]
async fn a_tenant_without_feeds_learns_that_there_is_none() {
    let app = TestApp::start().await;
    let owner = app.register("ada@example.com").await;
    let key = create_key(&app, &owner, json!({"name": "page", "kind": "publishable"})).await;
    let key = key["key"].as_str().unwrap();

    let answer = app
        .send(ask("GET", &format!("/graph/me/media?access_token={key}")))
        .await;

    let error = &answer.json()["error"];
    assert_eq!(
        (answer.status, &error["code"], &error["error_subcode"]),
        (400, &json!(100), &json!(33))
    );
    assert!(answer.text().contains("Object with ID 'me'"), "{}", answer.text());
}

#[actix_web::test]
async fn the_shim_is_a_script_that_any_page_may_keep() {
    let app = TestApp::start().await;

    let answer = app.send(ask("GET", "/compat/instafeed-shim.js")).await;

    assert_eq!(answer.status, 200);
    for (name, value) in [
        ("content-type", "text/javascript; charset=utf-8"),
        ("cache-control", "public, max-age=86400"),
        ("cross-origin-resource-policy", "cross-origin"),
        ("access-control-allow-origin", "*"),
        ("x-content-type-options", "nosniff"),
    ] {
        assert_eq!(answer.header(name), Some(value), "{name}");
    }
    let packed = || ask("GET", "/compat/instafeed-shim.js").insert_header(("Accept-Encoding", "br"));
    let first = app.send(packed()).await;
    assert_eq!(first.header("content-encoding"), Some("br"));
    assert!(
        first.body.len() < answer.body.len() * 2 / 3,
        "{}",
        first.body.len()
    );
    let known = packed().insert_header(("If-None-Match", first.header("etag").unwrap()));
    assert_eq!(app.send(known).await.status, 304);
    assert_eq!(
        app.send(ask("POST", "/compat/token.js")).await.problem(),
        "method_not_allowed"
    );
}
