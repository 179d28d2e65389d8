//! Two processes that both look for what is due in one database.

use super::{
    CALLS_PER_HOUR,
    aftermath::{recovers, unharmed},
    plan,
};
use crate::support::{Fleet, Installation, Size};
use std::time::Duration;
use vitrine_simulator::{CallFilter, Endpoint};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_schedulers_give_each_turn_once() {
    let mut vitrine = Installation::start_as(plan().with("VITRINE_SCHEDULE__TICK", "10ms")).await;
    let size = Size {
        tenants: 5,
        accounts: 1_000,
        refresh_each: 10,
    };
    let fleet = Fleet::due(&vitrine, size).await;
    vitrine.start_workers(2).await;

    let within = Duration::from_secs(60);
    let recovery = recovers("two schedulers", &vitrine, &fleet, within).await;
    assert_eq!(recovery.lapses, 0, "turns were lost between two schedulers");
    for (endpoint, turns) in [(Endpoint::MediaList, 1_000), (Endpoint::Refresh, 100)] {
        let report = vitrine.simulator.calls(&CallFilter {
            endpoint: Some(endpoint),
            ..CallFilter::default()
        });
        assert_eq!(report.by_account.len(), turns, "{endpoint:?}");
        assert!(
            report.by_account.values().all(|calls| *calls == 1),
            "{:?}",
            report.by_account
        );
    }
    unharmed(&mut vitrine, &fleet, &[0, 1], CALLS_PER_HOUR).await;
}
