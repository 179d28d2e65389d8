//! Processes that start before Redis does.

use super::plan;
use crate::support::{Beside, Installation, connected};
use vitrine_test_support::RedisServer;

#[tokio::test]
async fn api_and_worker_start_without_redis_and_go_on_when_it_comes() {
    let redis = RedisServer::start().await.unwrap();
    let vitrine = Installation::start_as(plan(redis.url(), 0)).await;
    redis.kill().await.unwrap();

    let mut early = ["api", "worker"].map(|role| Beside::start(&vitrine, role));
    for one in &early {
        one.answers(&vitrine, 503).await;
        let log = one.process.log();
        assert!(log.contains("starting without it"), "{log}");
        assert!(log.contains("unreachable"), "{log}");
        assert!(!log.contains(redis.password()), "{log}");
    }

    redis.restart_empty().await.unwrap();

    for one in &mut early {
        one.answers(&vitrine, 200).await;
        assert!(one.process.is_running());
    }
    // The early worker is the only one.
    let (owner, account, _, _) = connected(&vitrine).await;
    assert_eq!(owner.syncs(&account).await["status"], "succeeded");
}

#[tokio::test]
async fn what_was_asked_for_without_redis_is_done_as_soon_as_it_comes() {
    let redis = RedisServer::start().await.unwrap();
    let vitrine = Installation::start_as(plan(redis.url(), 0)).await;
    let _worker = Beside::start(&vitrine, "worker");
    redis.kill().await.unwrap();
    let owner = vitrine.owner("ada").await;
    let account = owner.connects("vitrine.demo").await;

    redis.restart_empty().await.unwrap();

    owner
        .account_that(&account, |account| !account["sync"]["last_at"].is_null())
        .await;
}
