//! Several processes that serve the same feeds: their limits, and changes that they are told of or find themselves.

use crate::support::{Answer, Engines, Installation, Plan, connected, database};
use futures::future::join_all;
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};
use std::time::Duration;
use vitrine_test_support::wait_until;

#[tokio::test]
async fn several_processes_agree_on_limits_and_changes() {
    let plan = Plan::on(Engines::Distributed).with("VITRINE_FEEDS__REQUESTS_PER_MINUTE", "300");
    let mut vitrine = Installation::start_as(plan).await;
    let other = vitrine.another_api().await;
    let (owner, _, feed, _) = connected(&vitrine).await;
    let path = format!("/v1/feeds/{feed}/photos");
    let get = async |base: &str, key: &str| {
        let request = vitrine.http.get(format!("{base}{path}")).header("X-Api-Key", key);
        Answer::of(request.send().await.unwrap()).await
    };
    let key = owner.makes_key("publishable", &[]).await;
    for base in [&vitrine.address, &other] {
        get(base, &key).await.expect(200);
    }

    let name = "renamed while everybody reads";
    owner
        .patch(&format!("/v1/feeds/{feed}"), &json!({"name": name}))
        .await
        .expect(200);
    for base in [&vitrine.address, &other] {
        let seen = wait_until(Duration::from_secs(1), async || {
            get(base, &key).await.expect(200)["feed"]["name"] == name
        });
        seen.await.unwrap();
    }

    let key = owner.makes_key("publishable", &[]).await;
    early_in_a_minute(&vitrine).await;
    let visits = (0..900).map(|visit| get(if visit % 2 == 0 { &vitrine.address } else { &other }, &key));
    let answers = join_all(visits).await;
    let answered = answers.iter().filter(|answer| answer.status == 200).count();
    assert_eq!(answered, 300);
}

/// Waits until the minute, by which requests are counted, does not end soon.
async fn early_in_a_minute(vitrine: &Installation) {
    const MINUTE: i64 = 60;
    const LATE: i64 = 50;
    let clock = vitrine.simulator.clock();
    while clock.now().timestamp() % MINUTE >= LATE {
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}

/// News can be lost: Redis has nobody wait for them.
#[tokio::test]
async fn a_change_that_nobody_was_told_of_shows_within_half_a_minute() {
    let vitrine = Installation::start(Engines::Distributed).await;
    let (_, _, feed, key) = connected(&vitrine).await;
    let (page, path) = (vitrine.program(Some(&key)), format!("/v1/feeds/{feed}/photos"));
    page.get(&path).await.expect(200);
    let change = "update feed set name = 'untold', version = version + 1";
    let database = database(&vitrine).await;
    database.connection().execute_unprepared(change).await.unwrap();

    let seen = wait_until(Duration::from_secs(28), async || {
        let feed: Value = page.get(&path).await.expect(200);
        feed["feed"]["name"] == "untold"
    });

    seen.await.unwrap();
}
