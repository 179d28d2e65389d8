//! Budgets and the headers that tell of them.

use std::time::Duration;

use serde_json::Value;
use vitrine_simulator::Dialect;

use crate::support::{World, parts};

#[tokio::test]
async fn usage_rises_with_calls_until_they_are_refused_and_sinks_with_time() {
    let world = World::with(|settings| {
        settings.usage.calls_per_account = Some(4);
        settings.usage.account_window = Duration::from_secs(3_600);
    })
    .await;
    let id = world.simulator.account("vitrine.demo").unwrap().user_id;
    let token = world.simulator.mint_token("vitrine.demo").unwrap();
    let call = async || {
        let response = world.get("/me", &[("access_token", &token)]).await;
        let header = response.headers()["x-business-use-case-usage"].to_str().unwrap();
        let usage: Value = serde_json::from_str(header).unwrap();
        (parts(response).await, usage[&id][0].clone())
    };

    for percent in [25, 50, 75, 100] {
        let ((status, _), usage) = call().await;
        assert_eq!((status, &usage["call_count"]), (200, &percent.into()));
        assert_eq!(usage["type"], "instagram");
    }
    let ((status, body), usage) = call().await;
    assert_eq!((status, &body["error"]["code"]), (400, &80_002.into()));
    let minutes = usage["estimated_time_to_regain_access"].as_i64().unwrap();
    assert!((59..=61).contains(&minutes), "{minutes}");
    let other = world.simulator.mint_token("vitrine.creator").unwrap();
    assert_eq!(world.json("/me", &[("access_token", &other)]).await.0, 200);

    world
        .simulator
        .clock()
        .advance(chrono::Duration::minutes(minutes));
    assert_eq!(call().await.0.0, 200);
}

#[tokio::test]
async fn the_app_has_a_limit_over_all_accounts() {
    let world = World::with(|settings| settings.usage.calls_per_app = Some(2)).await;
    for (username, status) in [
        ("vitrine.demo", 200),
        ("vitrine.creator", 200),
        ("vitrine.demo", 403),
    ] {
        let token = world.simulator.mint_token(username).unwrap();
        let response = world.get("/me", &[("access_token", &token)]).await;
        assert!(response.headers().contains_key("x-app-usage"));
        assert_eq!(response.status(), status);
    }
}

#[tokio::test]
async fn the_older_dialect_throttles_the_user_and_tells_by_the_app_header_only() {
    let world = World::with(|settings| {
        settings.dialect = Dialect::BasicDisplay;
        settings.usage.calls_per_account = Some(1);
    })
    .await;
    let token = world.simulator.mint_token("vitrine.personal").unwrap();
    let response = world.get("/me", &[("access_token", &token)]).await;
    assert!(!response.headers().contains_key("x-business-use-case-usage"));
    assert!(
        response.headers()["x-app-usage"]
            .to_str()
            .unwrap()
            .contains("\"call_count\":100")
    );
    assert_eq!(
        world.json("/me", &[("access_token", &token)]).await.1["error"]["code"],
        17
    );
}

#[tokio::test]
async fn the_budget_of_an_account_follows_from_its_impressions() {
    let world = World::with(|settings| settings.accounts[0].impressions = 0).await;
    let token = world.simulator.mint_token("vitrine.demo").unwrap();
    assert_eq!(
        world.json("/me", &[("access_token", &token)]).await.1["error"]["code"],
        80_002
    );
}
