//! What operators' tools read.

use crate::support::{Beside, Engines, Installation, Plan, connected};
use serde_json::json;
use std::{
    collections::BTreeMap,
    io::Write,
    process::{Command, Stdio},
    time::Duration,
};
use vitrine_simulator::{Endpoint, FaultAction, FaultRule};
use vitrine_test_support::{PostgresServer, wait_until};

/// Prometheus' own opinion of a page.
fn approved(page: &str) {
    let mut checker = Command::new("promtool")
        .args(["check", "metrics"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    checker.stdin.take().unwrap().write_all(page.as_bytes()).unwrap();
    let said = checker.wait_with_output().unwrap();
    assert!(said.status.success(), "{said:?}\n{page}");
    assert_eq!(String::from_utf8_lossy(&said.stderr), "", "{page}");
}

/// The value of a series.
fn value(page: &str, series: &str) -> Option<f64> {
    let found = page
        .lines()
        .find_map(|line| line.strip_prefix(series)?.strip_prefix(' '));
    found.map(|value| value.parse().unwrap())
}

/// What the process counts that answers requests.
async fn page(vitrine: &Installation) -> String {
    let listen = vitrine.setting("VITRINE_SERVER__METRICS_LISTEN");
    let answer = vitrine.http.get(format!("http://{listen}/metrics")).send();
    answer.await.unwrap().text().await.unwrap()
}

/// Counters that nothing has moved yet, which must be there all the same.
const FROM_THE_START: [&str; 9] = [
    r#"vitrine_app_quiets_total{reason="throttled_app"}"#,
    r#"vitrine_instagram_fields_refused_total{field="like_count"}"#,
    r#"vitrine_http_connections_refused_total{reason="network"}"#,
    r#"vitrine_http_connections_cut_total{reason="idle"}"#,
    r#"vitrine_letters_total{letter="verify_email",outcome="gave_up"}"#,
    r#"vitrine_schedule_impossible_times_total{column="run_at"}"#,
    r#"vitrine_redis_connections_given_up_total{cause="read_only"}"#,
    "vitrine_budget_local_units_total",
    "vitrine_history_pruned_jobs_total",
];

#[tokio::test]
async fn metrics_of_api_and_worker_are_what_prometheus_expects() {
    let plan = Plan {
        workers: 0,
        ..Plan::on(Engines::Distributed)
    };
    let vitrine = Installation::start_as(plan).await;
    let worker = Beside::start(&vitrine, "worker");
    worker.answers(&vitrine, 200).await;
    connected(&vitrine).await;
    vitrine.get("/docs/nowhere.css").await;
    let counted = wait_until(Duration::from_secs(20), async || {
        let (_, page) = worker.get(&vitrine, "/metrics").await.unwrap();
        value(&page, r#"vitrine_accounts{status="active"}"#).is_some()
    });
    counted.await.unwrap();

    let (_, of_worker) = worker.get(&vitrine, "/metrics").await.unwrap();
    let of_api = page(&vitrine).await;

    for (role, page) in [("worker", &of_worker), ("api", &of_api)] {
        approved(page);
        let build = format!(r#"{{version="{}",role="{role}"}}"#, env!("CARGO_PKG_VERSION"));
        assert_eq!(
            value(page, &format!("vitrine_build_info{build}")),
            Some(1.0),
            "{page}"
        );
        for counter in FROM_THE_START {
            assert_eq!(value(page, counter), Some(0.0), "{counter} in\n{page}");
        }
        assert!(value(page, "process_resident_memory_bytes").is_some(), "{page}");
        assert!(value(page, r#"vitrine_database_connections{state="idle"}"#).is_some());
        assert!(value(page, "vitrine_database_connections_limit").unwrap() >= 1.0);
    }
    for status in ["active", "needs_reconnect", "needs_attention", "paused"] {
        let series = format!(r#"vitrine_accounts{{status="{status}"}}"#);
        assert!(value(&of_worker, &series).is_some(), "{of_worker}");
    }
    assert!(value(&of_worker, r#"vitrine_tokens{days_left="30_or_more"}"#).is_some());
    let routes = of_api
        .lines()
        .filter(|line| line.starts_with("vitrine_http_requests_total"));
    for route in routes {
        assert!(!route.contains(":.") && !route.contains('*'), "{route}");
    }
}

#[tokio::test]
async fn the_healthcheck_of_a_worker_fails_with_its_database() {
    let postgres = PostgresServer::start().await.unwrap();
    let plan = Plan {
        workers: 0,
        ..Plan::on(Engines::Distributed)
    };
    let plan = plan.with("VITRINE_DATABASE__URL", postgres.create_database().await.unwrap());
    let vitrine = Installation::start_as(plan).await;
    let worker = Beside::start(&vitrine, "worker");
    worker.answers(&vitrine, 200).await;
    assert_eq!(worker.get(&vitrine, "/healthz").await.unwrap().0, 200);
    assert!(worker.healthcheck().status.success());

    postgres.kill().await.unwrap();

    // What was found is told for a second.
    worker.answers(&vitrine, 503).await;
    let failed = worker.healthcheck();
    assert_eq!(failed.status.code(), Some(1), "{failed:?}");
    assert_eq!(worker.get(&vitrine, "/healthz").await.unwrap().0, 200);
    postgres.restart().await.unwrap();
    worker.answers(&vitrine, 200).await;
    assert!(worker.healthcheck().status.success());
}

#[tokio::test]
async fn entries_that_are_skipped_are_counted() {
    let vitrine = Installation::start(Engines::Alone).await;
    let (owner, account, ..) = connected(&vitrine).await;
    let entries = json!([null, {"caption": "without an id"}, {"id": "18000000000000009"}]);
    let answer = FaultAction::Respond {
        status: 200,
        body: json!({"data": entries}).to_string(),
        headers: BTreeMap::new(),
    };
    vitrine
        .simulator
        .set_faults(vec![FaultRule::always(answer).at(Endpoint::MediaList)]);

    owner.syncs(&account).await;

    let page = page(&vitrine).await;
    assert_eq!(
        value(&page, "vitrine_instagram_entries_skipped_total"),
        Some(2.0),
        "{page}"
    );
}
