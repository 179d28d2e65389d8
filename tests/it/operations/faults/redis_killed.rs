//! Redis killed, and back with nothing in it, while work is under way.

use super::{
    CALLS_PER_HOUR,
    aftermath::{are_left, recovers, unharmed},
    plan,
};
use crate::support::{Fleet, Installation, Size};
use std::time::Duration;
use vitrine_test_support::RedisServer;

const OUTAGE: Duration = Duration::from_secs(1);

pub(super) async fn dies_and_comes_back_empty(redis: &RedisServer) {
    redis.kill().await.unwrap();
    tokio::time::sleep(OUTAGE).await;
    redis.restart_empty().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn jobs_survive_a_redis_that_comes_back_empty() {
    let redis = RedisServer::start().await.unwrap();
    let mut vitrine = Installation::start_as(plan().with("VITRINE_REDIS__URL", redis.url())).await;
    let size = Size {
        tenants: 5,
        accounts: 1_000,
        refresh_each: 10,
    };
    let fleet = Fleet::due(&vitrine, size).await;
    vitrine.start_workers(2).await;
    are_left(&vitrine, &fleet, 900).await;

    dies_and_comes_back_empty(&redis).await;

    let within = Duration::from_secs(60);
    recovers("redis killed and back empty", &vitrine, &fleet, within).await;
    unharmed(&mut vitrine, &fleet, &[0, 1], CALLS_PER_HOUR).await;
}
