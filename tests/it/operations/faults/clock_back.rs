//! A clock that jumps ahead while work is under way, and back again.

use super::{
    CALLS_PER_HOUR,
    aftermath::{recovers, unharmed},
    clock::{JUMP, under_way},
};
use crate::support::now_of;
use std::time::Duration;

/// How often an account is synced.
const CADENCE: Duration = Duration::from_hours(3);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_clock_that_jumps_ahead_and_back_stops_no_account() {
    let (mut vitrine, fleet) = under_way().await;
    vitrine.simulator.clock().advance(JUMP);
    recovers("clock 2 days ahead", &vitrine, &fleet, Duration::from_secs(60)).await;

    vitrine.simulator.clock().advance(-JUMP);
    let back = now_of(&vitrine);
    fleet.forget_syncs_before(back + JUMP * 2).await;
    vitrine.advance(CADENCE).await;

    recovers("clock 2 days back", &vitrine, &fleet, Duration::from_secs(60)).await;
    assert!(now_of(&vitrine) - back < chrono::TimeDelta::hours(4));
    unharmed(&mut vitrine, &fleet, &[0, 1], CALLS_PER_HOUR).await;
}
