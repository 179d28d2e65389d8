//! SIGKILL of three of four workers while ten thousand jobs run.

use super::{
    CALLS_PER_HOUR,
    aftermath::{are_left, recovers, unharmed},
    plan,
};
use crate::support::{Fleet, Installation, Size};
use std::time::Duration;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_jobs_survive_three_of_four_workers() {
    let mut vitrine = Installation::start_as(plan()).await;
    let size = Size {
        tenants: 20,
        accounts: 10_000,
        refresh_each: 10,
    };
    let fleet = Fleet::due(&vitrine, size).await;
    vitrine.start_workers(4).await;
    are_left(&vitrine, &fleet, 9_000).await;

    for number in 0..3 {
        vitrine.kill_worker(number);
    }

    let within = Duration::from_secs(150);
    recovers("3 of 4 workers killed, 10,000 jobs", &vitrine, &fleet, within).await;
    unharmed(&mut vitrine, &fleet, &[3], CALLS_PER_HOUR).await;
}
