//! A clock that jumps while work is under way.

use super::{
    CALLS_PER_HOUR,
    aftermath::{are_left, queue, quiet, recovers, unharmed},
    plan,
};
use crate::support::{Fleet, Installation, Size, now_of};
use std::time::Duration;
use vitrine_simulator::{Endpoint, FaultAction, FaultRule};

pub(super) const JUMP: chrono::TimeDelta = chrono::TimeDelta::days(2);

/// Accounts under way, each call slow enough that every hand holds one when the clock jumps.
pub(super) async fn under_way() -> (Installation, Fleet) {
    let mut vitrine = Installation::start_as(plan()).await;
    let size = Size {
        tenants: 4,
        accounts: 300,
        refresh_each: 10,
    };
    let fleet = Fleet::due(&vitrine, size).await;
    let slow = FaultAction::Delay(Duration::from_millis(300));
    vitrine
        .simulator
        .set_faults(vec![FaultRule::always(slow).at(Endpoint::MediaList)]);
    vitrine.start_workers(2).await;
    are_left(&vitrine, &fleet, 250).await;
    (vitrine, fleet)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_clock_that_jumps_forward_loses_nothing() {
    let (mut vitrine, fleet) = under_way().await;
    let before = now_of(&vitrine);

    vitrine.simulator.clock().advance(JUMP);

    recovers("clock 2 days ahead", &vitrine, &fleet, Duration::from_secs(60)).await;
    fleet.forget_syncs_before(before + JUMP).await;
    // A run that began before the jump and ended after it has set the next turn by the new time.
    vitrine.advance(Duration::from_hours(3)).await;
    let what = "accounts that are due again, 2 days ahead";
    recovers(what, &vitrine, &fleet, Duration::from_secs(60)).await;
    // Accounts that were synced after the jump are due as well by now.
    quiet(&queue(&vitrine), Duration::from_secs(60)).await;
    unharmed(&mut vitrine, &fleet, &[0, 1], CALLS_PER_HOUR).await;
}
