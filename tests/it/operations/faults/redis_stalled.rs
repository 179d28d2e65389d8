//! Redis that answers nothing for three seconds.

use super::{
    CALLS_PER_HOUR,
    aftermath::{are_left, recovers, unharmed},
    plan,
};
use crate::support::{Fleet, Installation, Size};
use std::time::Duration;
use vitrine_test_support::RedisServer;

const STALL: Duration = Duration::from_secs(3);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_seconds_of_silence_from_redis_cost_three_seconds() {
    let redis = RedisServer::start().await.unwrap();
    let plan = plan()
        .with("VITRINE_REDIS__URL", redis.url())
        .with("VITRINE_WORKER__LEASE", "30s");
    let mut vitrine = Installation::start_as(plan).await;
    let size = Size {
        tenants: 5,
        accounts: 1_000,
        refresh_each: 10,
    };
    let fleet = Fleet::due(&vitrine, size).await;
    vitrine.start_workers(2).await;
    are_left(&vitrine, &fleet, 900).await;

    redis.pause(STALL).await.unwrap();

    let within = Duration::from_secs(60);
    let recovery = recovers("redis stalled 3 s", &vitrine, &fleet, within).await;
    assert!(recovery.took >= STALL, "it did not stall: {recovery:?}");
    assert_eq!(recovery.lapses, 0, "jobs were lost by a stall");
    unharmed(&mut vitrine, &fleet, &[0, 1], CALLS_PER_HOUR).await;
}
