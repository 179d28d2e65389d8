//! Postgres restarted while work is under way, in order and by a crash.

use super::{
    CALLS_PER_HOUR,
    aftermath::{are_left, recovers, unharmed},
    plan,
};
use crate::support::{Fleet, Installation, Size};
use std::time::Duration;
use vitrine_test_support::PostgresServer;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn jobs_survive_a_restart_of_postgres() {
    restarted("postgres restarted", false).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn jobs_survive_a_crash_of_postgres() {
    restarted("postgres crashed", true).await;
}

async fn restarted(what: &str, crash: bool) {
    let postgres = PostgresServer::start().await.unwrap();
    let database = postgres.create_database().await.unwrap();
    let mut vitrine = Installation::start_as(plan().with("VITRINE_DATABASE__URL", database)).await;
    let size = Size {
        tenants: 5,
        accounts: 1_000,
        refresh_each: 10,
    };
    let fleet = Fleet::due(&vitrine, size).await;
    vitrine.start_workers(2).await;
    are_left(&vitrine, &fleet, 900).await;

    if crash {
        postgres.kill().await.unwrap();
    }
    postgres.restart().await.unwrap();

    let within = Duration::from_secs(60);
    recovers(what, &vitrine, &fleet, within).await;
    unharmed(&mut vitrine, &fleet, &[0, 1], CALLS_PER_HOUR).await;
}
