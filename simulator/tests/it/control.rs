//! The control calls over HTTP.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{World, parts};

async fn order(world: &World, method: Method, path: &str, body: Value) -> (u16, Value) {
    let url = world.url(&format!("/_simulator/{path}"));
    parts(
        world
            .client
            .request(method, url)
            .body(body.to_string())
            .send()
            .await
            .unwrap(),
    )
    .await
}

#[tokio::test]
async fn the_clock_is_read_advanced_and_set() {
    let world = World::start().await;
    let (status, clock) = order(&world, Method::POST, "clock", json!({"advance": "8d 500ms"})).await;
    assert_eq!((status, &clock["offset_seconds"]), (200, &691_200.5.into()));
    assert_eq!(
        world.json("/_simulator/clock", &[]).await.1["offset_seconds"],
        691_200.5
    );
    let (_, clock) = order(
        &world,
        Method::POST,
        "clock",
        json!({"set": "2031-05-01T00:00:00Z"}),
    )
    .await;
    assert!(
        clock["now"].as_str().unwrap().starts_with("2031-05-01T00:00:0"),
        "{clock}"
    );
    assert_eq!(
        order(&world, Method::POST, "clock", json!({"advance": "soon"}))
            .await
            .0,
        400
    );
    assert_eq!(
        order(&world, Method::POST, "clock", json!({"rewind": "1d"}))
            .await
            .0,
        400
    );
}

#[tokio::test]
async fn accounts_are_added_shown_changed_and_given_tokens() {
    let world = World::start().await;
    let new = json!({"username": "fresh.one", "media_count": 3, "account_type": "MEDIA_CREATOR"});
    let (status, view) = order(&world, Method::POST, "accounts", new.clone()).await;
    assert_eq!((status, &view["media_count"]), (201, &3.into()));
    assert_eq!(order(&world, Method::POST, "accounts", new).await.0, 409);
    assert_eq!(
        order(&world, Method::POST, "accounts", json!({"username": "<b>"}))
            .await
            .0,
        400
    );
    assert_eq!(
        world
            .json("/_simulator/accounts", &[])
            .await
            .1
            .as_array()
            .unwrap()
            .len(),
        5
    );
    let many = json!([{"username": "many.1"}, {"username": "many.2"}]);
    assert_eq!(
        order(&world, Method::POST, "accounts", many).await.1[1]["username"],
        "many.2"
    );
    let change = json!({"tester": false, "username": "fresh.two"});
    assert_eq!(
        order(&world, Method::PATCH, "accounts/fresh.one", change).await.1["tester"],
        false
    );
    assert_eq!(world.json("/_simulator/accounts/fresh.one", &[]).await.0, 404);
    order(
        &world,
        Method::PATCH,
        "accounts/fresh.two",
        json!({"tester": true}),
    )
    .await;

    let (status, token) = order(&world, Method::POST, "accounts/fresh.two/token", json!({})).await;
    assert_eq!(status, 201);
    let query = [("access_token", token["access_token"].as_str().unwrap())];
    assert_eq!(world.json("/me", &query).await.0, 200);
    let (_, view) = order(
        &world,
        Method::POST,
        "accounts/fresh.two/revoke",
        json!({"reason": "password_changed"}),
    )
    .await;
    assert_eq!(view["revoked"], "password_changed");
    assert_eq!(world.json("/me", &query).await.0, 400);
}

#[tokio::test]
async fn media_are_posted_edited_and_deleted() {
    let world = World::start().await;
    let path = "accounts/vitrine.demo/media";
    let (status, post) = order(
        &world,
        Method::POST,
        path,
        json!({"kind": "carousel", "caption": "One"}),
    )
    .await;
    assert_eq!((status, &post["media_type"]), (201, &"CAROUSEL_ALBUM".into()));
    let one = format!("{path}/{}", post["id"].as_str().unwrap());
    let (_, edited) = order(&world, Method::PATCH, &one, json!({"caption": "Two"})).await;
    assert_eq!(edited["caption"], "Two");
    assert_eq!(
        world.json(&format!("/_simulator/{path}"), &[]).await.1[0]["id"],
        post["id"]
    );
    assert_eq!(order(&world, Method::DELETE, &one, json!({})).await.0, 200);
    assert_eq!(order(&world, Method::DELETE, &one, json!({})).await.0, 404);
}

#[tokio::test]
async fn faults_and_calls_are_set_read_and_cleared() {
    let world = World::start().await;
    let rules = json!([{"endpoint": "user", "first": 1, "action": {"error": "no_permission"}}]);
    assert_eq!(
        order(&world, Method::PUT, "faults", rules.clone()).await,
        (200, rules.clone())
    );
    assert_eq!(world.json("/_simulator/faults", &[]).await.1, rules);
    let token = world.simulator.mint_token("vitrine.demo").unwrap();
    assert_eq!(world.json("/me", &[("access_token", &token)]).await.0, 403);
    assert_eq!(
        order(&world, Method::DELETE, "faults", json!({})).await.1,
        json!([])
    );
    assert_eq!(
        order(&world, Method::PUT, "faults", json!([{"action": "explode"}]))
            .await
            .0,
        400
    );

    let query = [("account", "vitrine.demo"), ("endpoint", "user"), ("newest", "5")];
    let (_, report) = world.json("/_simulator/calls", &query).await;
    assert_eq!(
        (&report["total"], &report["by_status"]["user"]["403"]),
        (&1.into(), &1.into())
    );
    assert_eq!(
        order(&world, Method::DELETE, "calls", json!({})).await.1["total"],
        0
    );
    assert_eq!(world.json("/_simulator/calls", &[]).await.1["total"], 0);
}

#[tokio::test]
async fn the_index_lists_what_there_is_and_other_sites_cannot_steer() {
    let world = World::start().await;
    let page = world.get("/", &[]).await.text().await.unwrap();
    assert!(page.contains("vitrine.demo") && page.contains("/_simulator/clock"));
    let request = world
        .client
        .post(world.url("/_simulator/clock"))
        .header("sec-fetch-site", "cross-site");
    assert_eq!(
        request.body(r#"{"advance":"1d"}"#).send().await.unwrap().status(),
        403
    );
    assert_eq!(world.get("/_simulator/nonsense", &[]).await.status(), 404);
}
