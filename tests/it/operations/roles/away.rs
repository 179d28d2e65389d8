//! A database that went away while the API runs.

use std::time::Duration;

use serde_json::json;
use vitrine_test_support::{PostgresServer, wait_until};

use crate::support::{Engines, Installation, Plan};

#[tokio::test]
async fn whoever_needs_the_database_is_told_to_come_back() {
    let postgres = PostgresServer::start().await.unwrap();
    let database = postgres.create_database().await.unwrap();
    let plan = Plan::on(Engines::Distributed).with("VITRINE_DATABASE__URL", database);
    let vitrine = Installation::start_as(plan).await;
    let owner = vitrine.owner("ada").await;
    let key = owner.makes_key("secret", &["accounts:read"]).await;

    postgres.kill().await.unwrap();

    let login = json!({"email": owner.email, "password": "wrong"});
    for attempt in 0..3 {
        let people = vitrine
            .http
            .post(format!("{}/v1/auth/login", vitrine.address))
            .json(&login);
        let programs = vitrine
            .http
            .get(format!("{}/v1/accounts", vitrine.address))
            .bearer_auth(&key);
        for request in [people, programs] {
            let answer = request.send().await.unwrap();
            assert_eq!(answer.status(), 503, "{attempt}: {}", answer.url());
            assert_eq!(answer.headers()["retry-after"], "30");
            let problem: serde_json::Value = answer.json().await.unwrap();
            assert_eq!(problem["code"], "unavailable");
        }
    }

    postgres.restart().await.unwrap();
    wait_until(Duration::from_secs(20), async || {
        vitrine.get("/readyz").await.status == 200
    })
    .await
    .unwrap();
}
