//! People, their keys and their first steps.

use super::*;

#[actix_web::test]
async fn each_bad_credential_has_its_own_word() {
    let app = TestApp::start().await;
    let owner = app.register("ada@example.com").await;
    let key = create_key(
        &app,
        &owner,
        json!({"name": "n", "kind": "secret", "scopes": ["jobs:read"]}),
    )
    .await;
    let with = |value: &str| ask("GET", "/v1/accounts").insert_header(("Authorization", value.to_owned()));

    assert_eq!(app.send(with("Bearer a.b.c")).await.problem(), "invalid_token");
    assert_eq!(
        app.send(with("Bearer vt_sk_mistyped")).await.problem(),
        "invalid_key"
    );
    assert_eq!(app.send(with("Basic YTpi")).await.problem(), "unauthenticated");
    let wrong_scope = app.send(bearer(ask("GET", "/v1/accounts"), &key["key"])).await;
    assert_eq!(
        (wrong_scope.status, wrong_scope.problem().as_str()),
        (403, "insufficient_scope")
    );

    app.clock.advance(std::time::Duration::from_secs(15 * 60));
    let late = app
        .send(bearer(ask("GET", "/v1/me"), &owner["access_token"]))
        .await;
    assert_eq!((late.status, late.problem().as_str()), (401, "expired_token"));
}

#[actix_web::test]
async fn a_revoked_key_says_so() {
    let app = TestApp::start().await;
    let owner = app.register("ada@example.com").await;
    let key = create_key(
        &app,
        &owner,
        json!({"name": "n", "kind": "secret", "scopes": ["jobs:read"]}),
    )
    .await;
    let jobs = || bearer(ask("GET", "/v1/jobs"), &key["key"]);
    assert_eq!(app.send(jobs()).await.status, 200);

    let path = format!("/v1/api-keys/{}", key["id"].as_str().unwrap());
    let revoked = app
        .send(bearer(ask("DELETE", &path), &owner["access_token"]))
        .await;

    assert_eq!((revoked.status, revoked.body.len()), (204, 0));
    assert_eq!(app.send(jobs()).await.problem(), "key_revoked");
}

#[actix_web::test]
async fn an_outdated_token_keeps_nobody_from_signing_in() {
    let app = TestApp::start().await;
    app.register("ada@example.com").await;
    let body = json!({"email": "ada@example.com", "password": "correct horse"});

    let login = ask("POST", "/v1/auth/login")
        .set_json(body)
        .insert_header(("Authorization", "Bearer old"));

    assert_eq!(app.send(login).await.status, 200);
}

#[actix_web::test]
async fn a_person_signs_up_looks_around_and_signs_out() {
    let app = TestApp::start().await;
    let owner = app.register("Ada@Example.com").await;
    let token = &owner["access_token"];
    assert_eq!(owner["user"]["email"], "ada@example.com");
    assert_eq!(
        (&owner["token_type"], &owner["expires_in"]),
        (&json!("Bearer"), &json!(900))
    );

    let renamed = app
        .send(bearer(
            ask("PATCH", "/v1/me").set_json(json!({"name": "Grace"})),
            token,
        ))
        .await
        .json();
    assert_eq!(
        (&renamed["name"], &renamed["role"]),
        (&json!("Grace"), &json!("owner"))
    );
    assert!(renamed["created_at"].as_str().unwrap().ends_with('Z'));
    let change = json!({"allowed_origins": ["https://a.example"]});
    let tenant = app
        .send(bearer(ask("PATCH", "/v1/tenant").set_json(change), token))
        .await
        .json();
    assert_eq!(tenant["allowed_origins"], json!(["https://a.example"]));
    let accounts = app
        .send(bearer(ask("GET", "/v1/accounts?limit=3"), token))
        .await
        .json();
    assert_eq!(
        accounts,
        json!({"data": [], "page": {"next_cursor": null, "limit": 3}})
    );

    let out = json!({"refresh_token": owner["refresh_token"]});
    assert_eq!(
        app.send(ask("POST", "/v1/auth/logout").set_json(out))
            .await
            .status,
        204
    );
    assert_eq!(
        app.send(bearer(ask("GET", "/v1/me"), token)).await.problem(),
        "session_revoked"
    );
}

#[actix_web::test]
async fn a_connection_begins_with_an_address_and_a_forged_cursor_is_refused() {
    let app = TestApp::start().await;
    let owner = app.register("ada@example.com").await;
    let token = &owner["access_token"];

    let begun = app
        .send(bearer(
            ask("POST", "/v1/accounts/connect").set_json(json!({})),
            token,
        ))
        .await;
    let forged = app
        .send(bearer(ask("GET", "/v1/jobs?cursor=forged"), token))
        .await;

    assert_eq!(begun.status, 201);
    assert!(
        begun.json()["authorize_url"]
            .as_str()
            .unwrap()
            .contains(begun.json()["state"].as_str().unwrap())
    );
    assert_eq!(
        (forged.status, forged.problem().as_str()),
        (400, "invalid_cursor")
    );
}

#[actix_web::test]
async fn a_callback_of_nobody_is_a_page_that_is_not_kept() {
    let app = TestApp::start().await;

    let answer = app
        .send(ask("GET", "/v1/oauth/instagram/callback?code=x&state=y&state=z"))
        .await;

    assert_eq!(answer.status, 400);
    assert!(answer.text().contains("state_unknown"));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    assert_eq!(answer.header("referrer-policy"), Some("no-referrer"));
}
