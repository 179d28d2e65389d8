//! Many visitors at once before a feed that is not in memory.

use crate::support::{Engines, Installation, Plan, connected};
use futures::future::join_all;
use serde_json::json;
use vitrine_test_support::free_port;

/// Numbers that an API process counts itself.
async fn counted(metrics: &str, name: &str) -> u64 {
    let text = reqwest::get(format!("http://{metrics}/metrics"))
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    let line = text.lines().find(|line| line.starts_with(name));
    line.map_or(0, |line| line.rsplit(' ').next().unwrap().parse().unwrap())
}

#[tokio::test]
async fn a_crowd_before_a_cold_feed_causes_one_reading() {
    let metrics = format!("127.0.0.1:{}", free_port().unwrap());
    let plan = Plan::on(Engines::Distributed).with("VITRINE_SERVER__METRICS_LISTEN", &metrics);
    let vitrine = Installation::start_as(plan).await;
    let (owner, _, _, key) = connected(&vitrine).await;
    let feed = owner
        .post("/v1/feeds", &json!({"name": "cold"}))
        .await
        .expect(201);
    let url = format!(
        "{}/v1/feeds/{}/photos?key={key}",
        vitrine.address,
        feed["id"].as_str().unwrap()
    );
    let loads = counted(&metrics, "vitrine_feed_loads_total").await;
    let renders = counted(&metrics, "vitrine_feed_renders_total").await;

    let visits =
        (0..1_000).map(|_| async { vitrine.http.get(&url).send().await.unwrap().text().await.unwrap() });
    let bodies = join_all(visits).await;

    assert!(
        bodies
            .iter()
            .all(|body| body == &bodies[0] && body.contains("\"data\""))
    );
    assert_eq!(counted(&metrics, "vitrine_feed_loads_total").await - loads, 1);
    assert_eq!(counted(&metrics, "vitrine_feed_renders_total").await - renders, 1);
}
