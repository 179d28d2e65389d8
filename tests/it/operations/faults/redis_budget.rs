//! What was spent of a budget, after a Redis that comes back empty.

use super::{
    aftermath::{queue, quiet, within_bounds},
    plan,
    redis_killed::dies_and_comes_back_empty,
};
use crate::support::{Fleet, Installation, Size};
use std::time::Duration;
use vitrine_simulator::CallFilter;
use vitrine_test_support::RedisServer;

const CALLS_PER_HOUR: u64 = 5;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_spent_is_not_forgotten_with_redis() {
    let redis = RedisServer::start().await.unwrap();
    let plan = plan()
        .with("VITRINE_REDIS__URL", redis.url())
        .with("VITRINE_INSTAGRAM__CALLS_PER_HOUR", CALLS_PER_HOUR.to_string());
    let mut vitrine = Installation::start_as(plan).await;
    let size = Size {
        tenants: 2,
        accounts: 20,
        refresh_each: 0,
    };
    let fleet = Fleet::due(&vitrine, size).await;
    vitrine.start_workers(2).await;

    turns(&vitrine, &fleet, 3).await;
    // On a busy machine a call may take too long and be made again.
    let spent = vitrine.simulator.calls(&CallFilter::default());
    let some_is_left = |calls: &u64| (3..CALLS_PER_HOUR).contains(calls);
    assert!(
        spent.busiest_hour_by_token.values().all(some_is_left),
        "{spent:?}"
    );
    dies_and_comes_back_empty(&redis).await;
    turns(&vitrine, &fleet, 4).await;

    within_bounds(&vitrine, CALLS_PER_HOUR);
    fleet.no_token_is_lost(&vitrine).await;
    vitrine.workers_run(&[0, 1]);
}

/// Every account is due so many times; waits until each was synced or put off.
async fn turns(vitrine: &Installation, fleet: &Fleet, times: usize) {
    let queue = queue(vitrine);
    for _ in 0..times {
        fleet.make_due(vitrine, &fleet.ships).await;
        quiet(&queue, Duration::from_secs(20)).await;
    }
}
