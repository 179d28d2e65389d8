//! A Redis that is there and does not do its work.

use super::{BAR, PREFIX, is_ready, plan};
use crate::support::Installation;
use serde_json::Value;
use std::time::Duration;
use vitrine_test_support::{RedisServer, wait_until};

/// What is done to the server, the word for it, and how it is undone.
const REFUSALS: [(&str, &str, &str); 4] = [
    ("CONFIG SET maxmemory 1", "full", "CONFIG SET maxmemory 0"),
    ("REPLICAOF 127.0.0.1 1", "read_only", "REPLICAOF NO ONE"),
    (
        "CONFIG SET min-replicas-to-write 1",
        "no_replicas",
        "CONFIG SET min-replicas-to-write 0",
    ),
    (
        "ACL SETUSER default -zadd",
        "no_permission",
        "ACL SETUSER default +@all",
    ),
];

/// Waits until the queue is down for this reason.
async fn is_down(vitrine: &Installation, cause: &str) {
    let mut last = Value::Null;
    let down = wait_until(Duration::from_secs(10), async || {
        let answer = vitrine.get("/readyz").await;
        last = answer.json();
        answer.status == 503 && last["causes"]["queue"] == cause
    });
    assert!(down.await.is_ok(), "{cause}: {last}\n{}", vitrine.log());
    assert_eq!(last["parts"]["queue"], "down");
    assert_eq!(last["parts"]["database"], "up");
}

/// Whether a log line has a message and a text in its error.
fn says(vitrine: &Installation, message: &str, error: &str) -> bool {
    let log = vitrine.log();
    let lines = log
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let mut errors = lines
        .filter(|line| line["message"] == message)
        .filter_map(|line| line["error"].as_str().map(str::to_owned));
    errors.any(|told| told.contains(error))
}

#[tokio::test]
async fn readiness_and_log_name_the_cause() {
    let redis = RedisServer::start().await.unwrap();
    let vitrine = Installation::start_as(plan(redis.url(), 1)).await;

    for (done, cause, undone) in REFUSALS {
        redis.command(done).await.unwrap();
        is_down(&vitrine, cause).await;
        redis.command(undone).await.unwrap();
        is_ready(&vitrine).await;
    }
    assert!(
        says(&vitrine, "a part is not ready", "READONLY")
            || says(&vitrine, "a part is not ready", "ReadOnly")
    );

    // A job would be handed out, and the server is full: the worker says why nothing is.
    redis.command("ACL SETUSER default -hlen").await.unwrap();
    let told = wait_until(Duration::from_secs(20), async || {
        says(
            &vitrine,
            "could not fetch jobs, trying again",
            "The user executing the script can't",
        )
    });
    assert!(told.await.is_ok(), "{}", vitrine.log());
    let keys = super::keys(&redis, "*").await;
    assert!(keys.iter().all(|key| key.contains(PREFIX)), "{keys:?}");
}

/// Nothing can be saved in the directory of the kernel's processes.
#[tokio::test]
async fn a_server_that_cannot_save_is_named() {
    let options = ["--dir", "/proc", "--save", "900 1"];
    let redis = RedisServer::start_with(&options).await.unwrap();
    let vitrine = Installation::start_as(plan(redis.url(), 0)).await;

    redis.command("BGSAVE").await.unwrap();

    is_down(&vitrine, "misconf").await;
}

#[tokio::test]
async fn the_first_look_after_a_restart_finds_it_ready() {
    let redis = RedisServer::start().await.unwrap();
    let vitrine = Installation::start_as(plan(redis.url(), 0)).await;

    for _ in 0..3 {
        // What was found within the last second is not looked at anew.
        tokio::time::sleep(Duration::from_secs(1)).await;
        redis.restart_empty().await.unwrap();
        let ready = vitrine.get("/readyz").await;
        assert_eq!(ready.status, 200, "{}", ready.text);
    }
}

async fn metrics(vitrine: &Installation) -> String {
    let listen = vitrine.setting("VITRINE_SERVER__METRICS_LISTEN");
    let answer = vitrine.http.get(format!("http://{listen}/metrics")).send();
    answer.await.unwrap().text().await.unwrap()
}

#[tokio::test]
async fn a_metric_says_whether_redis_does_its_work() {
    let redis = RedisServer::start().await.unwrap();
    let vitrine = Installation::start_as(plan(redis.url(), 0)).await;
    let says = async |series: &str| {
        let told = wait_until(BAR, async || metrics(&vitrine).await.contains(series)).await;
        assert!(told.is_ok(), "{series}: {}", metrics(&vitrine).await);
    };

    says("\nvitrine_redis_usable 1\n").await;
    redis.command("CONFIG SET maxmemory 1").await.unwrap();
    says("\nvitrine_redis_usable 0\n").await;
    says("\nvitrine_redis_refusals_total{cause=\"full\"}").await;
}

/// Any policy but one forgets jobs.
#[tokio::test]
async fn a_server_that_evicts_is_warned_of() {
    let redis = RedisServer::start_with(&["--maxmemory-policy", "allkeys-lru"])
        .await
        .unwrap();
    let vitrine = Installation::start_as(plan(redis.url(), 0)).await;

    let warned = wait_until(Duration::from_secs(10), async || {
        let log = vitrine.log();
        log.lines().any(|line| {
            line.contains("\"WARN\"") && line.contains("noeviction") && line.contains("allkeys-lru")
        })
    });
    assert!(warned.await.is_ok(), "{}", vitrine.log());
    let page = metrics(&vitrine).await;
    assert!(page.contains("\nvitrine_redis_evicts_keys 1\n"), "{page}");
}
