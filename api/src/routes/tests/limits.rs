//! What a plan allows in a day.

use super::*;
use vitrine_limits::plans::Limit;

async fn allow(app: &TestApp, limit: Limit, most: u32) {
    app.app.plans.set("default", &vec![(limit, most)]).await.unwrap();
}

#[actix_web::test]
async fn exports_in_a_day_are_bounded_by_plan() {
    let app = TestApp::start().await;
    let owner = app.register("ada@example.com").await;
    allow(&app, Limit::ExportsPerDay, 1).await;
    let token = &owner["access_token"];
    let task = || bearer(ask("POST", "/v1/tenant/exports").set_json(json!({})), token);

    let asked = app.send(task()).await;
    assert_eq!(asked.status, 202, "{}", asked.text());
    // One that waits is answered again, and costs nothing.
    assert_eq!(app.send(task()).await.json()["job"], asked.json()["job"]);

    let at_once = app.send(bearer(ask("GET", "/v1/tenant/export"), token)).await;
    assert_eq!(
        (at_once.status, at_once.problem().as_str()),
        (403, "plan_limit_reached")
    );
}

#[actix_web::test]
async fn the_head_of_an_export_costs_nothing_and_is_no_export() {
    let app = TestApp::start().await;
    let owner = app.register("ada@example.com").await;
    allow(&app, Limit::ExportsPerDay, 1).await;
    let token = &owner["access_token"];

    for _ in 0..3 {
        let head = app.send(bearer(ask("HEAD", "/v1/tenant/export"), token)).await;
        assert_eq!((head.status, head.text()), (200, ""));
    }
    let whole = app.send(bearer(ask("GET", "/v1/tenant/export"), token)).await;
    assert_eq!(whole.status, 200, "{}", whole.text());

    let log = app.send(bearer(ask("GET", "/v1/audit-log"), token)).await.json();
    let entries = log["data"].as_array().unwrap().iter();
    let exports = entries.filter(|entry| entry["action"] == "export_tenant");
    assert_eq!(exports.count(), 1, "{log}");
}

#[actix_web::test]
async fn changes_by_one_person_in_a_day_are_bounded_by_plan() {
    let app = TestApp::start().await;
    let owner = app.register("ada@example.com").await;
    let token = &owner["access_token"];
    let key = create_key(
        &app,
        &owner,
        json!({"name": "n", "kind": "secret", "scopes": ["feeds:write"]}),
    )
    .await;
    // Registered, and made a key.
    allow(&app, Limit::ChangesPerDay, 4).await;
    let rename = |name: &str| bearer(ask("PATCH", "/v1/me").set_json(json!({ "name": name })), token);

    assert_eq!(app.send(rename("Grace")).await.status, 200);
    assert_eq!(app.send(rename("")).await.status, 422, "it changes nothing");
    assert_eq!(app.send(rename("Ada")).await.status, 200);
    let refused = app.send(rename("Mary")).await;
    assert_eq!(
        (refused.status, refused.problem().as_str()),
        (403, "plan_limit_reached")
    );

    // Others go on, and whoever is refused still ends what shall not go on.
    let feed = bearer(
        ask("POST", "/v1/feeds").set_json(json!({"name": "x"})),
        &key["key"],
    );
    assert_eq!(app.send(feed).await.status, 201);
    let path = format!("/v1/api-keys/{}", key["id"].as_str().unwrap());
    for _ in 0..2 {
        assert_eq!(app.send(bearer(ask("DELETE", &path), token)).await.status, 204);
    }
    let log = app.send(bearer(ask("GET", "/v1/audit-log"), token)).await.json();
    let actions: Vec<_> = log["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| entry["action"].as_str().unwrap())
        .collect();
    assert_eq!(
        actions,
        [
            "revoke_api_key",
            "create_feed",
            "update_me",
            "update_me",
            "create_api_key",
            "register"
        ]
    );
}

#[actix_web::test]
async fn whoever_has_changed_too_much_still_takes_back_and_protects() {
    let app = TestApp::start().await;
    let owner = app.register("ada@example.com").await;
    let token = &owner["access_token"];
    let secret = json!({"name": "n", "kind": "secret", "scopes": ["feeds:write"]});
    let key = create_key(&app, &owner, secret).await;
    let does = async |method, path: &str, body: Value| {
        let request = ask(method, path).set_json(body);
        app.send(bearer(request, token)).await.status
    };
    assert_eq!(does("DELETE", "/v1/tenant", json!({})).await, 202);
    // Registered, made a key, and asked for the deletion.
    allow(&app, Limit::ChangesPerDay, 3).await;
    let key = format!("/v1/api-keys/{}", key["id"].as_str().unwrap());
    let rotate = format!("{key}/rotate");
    let confirmed = json!({"current_password": "correct horse"});

    assert_eq!(does("PATCH", "/v1/me", json!({"name": "Grace"})).await, 403);
    assert_eq!(does("POST", "/v1/tenant/restore", json!({})).await, 200);
    assert_eq!(does("POST", "/v1/me/second-factor", confirmed).await, 201);
    assert_eq!(does("POST", &rotate, json!({})).await, 201);
    // What can be done again without end is bounded too; what only ends something is not.
    assert_eq!(does("POST", &rotate, json!({})).await, 403);
    assert_eq!(does("DELETE", &key, json!({})).await, 204);
}
