//! The network to Instagram: silence, half answers, pages of a broken edge, cut connections.

use super::{
    CALLS_PER_HOUR,
    aftermath::{recovers, unharmed},
    plan,
};
use crate::support::{Fleet, Installation, Size};
use std::time::Duration;
use vitrine_simulator::{CallFilter, FaultAction, FaultRule};

const ACCOUNTS: u64 = 200;
const REFRESHES: u64 = 50;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn calls_that_hang_are_given_up_and_made_again() {
    through("12 calls hang", FaultAction::Hang, 12).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn half_answers_are_no_answers() {
    through("100 half answers", FaultAction::HalfAnswer, 100).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_of_a_broken_edge_is_no_answer() {
    through("100 HTML pages with 502", FaultAction::BadGateway, 100).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn cut_connections_are_made_again() {
    through("100 connections reset", FaultAction::Reset, 100).await;
}

async fn through(what: &str, action: FaultAction, strikes: u64) {
    let plan = plan().with("VITRINE_WORKER__FIRST_RETRY", "300ms");
    let mut vitrine = Installation::start_as(plan).await;
    let size = Size {
        tenants: 4,
        accounts: usize::try_from(ACCOUNTS).unwrap(),
        refresh_each: usize::try_from(ACCOUNTS / REFRESHES).unwrap(),
    };
    let fleet = Fleet::due(&vitrine, size).await;
    vitrine
        .simulator
        .set_faults(vec![FaultRule::always(action).first(strikes)]);

    vitrine.start_workers(2).await;

    let recovery = recovers(what, &vitrine, &fleet, Duration::from_secs(60)).await;
    assert_eq!(recovery.lapses, 0, "jobs were lost by the network");
    let calls = vitrine.simulator.calls(&CallFilter::default()).total;
    assert!(
        calls >= ACCOUNTS + REFRESHES + strikes,
        "the fault did not strike: {calls}"
    );
    unharmed(&mut vitrine, &fleet, &[0, 1], CALLS_PER_HOUR).await;
}
