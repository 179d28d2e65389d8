//! SIGKILL of the worker that renews a token, after Instagram has given the new one.

use super::{
    CALLS_PER_HOUR,
    aftermath::{recovers, within_bounds},
    plan,
};
use crate::support::{Fleet, Installation, Size};
use sea_orm::{ColumnTrait, ConnectionTrait, DbBackend, QueryFilter, QuerySelect, Statement};
use std::time::Duration;
use vitrine_base::database::Transaction;
use vitrine_entity::{TenantOwned, account_token};
use vitrine_simulator::{CallFilter, Endpoint, FaultAction, FaultRule};
use vitrine_test_support::wait_until;

const PATIENCE: Duration = Duration::from_secs(20);

/// One account whose token is due, and a worker about to renew it.
async fn renewing(action: FaultAction) -> (Installation, Fleet) {
    let mut vitrine = Installation::start_as(plan()).await;
    let size = Size {
        tenants: 1,
        accounts: 1,
        refresh_each: 1,
    };
    let fleet = Fleet::due(&vitrine, size).await;
    vitrine
        .simulator
        .set_faults(vec![FaultRule::always(action).at(Endpoint::Refresh).first(1)]);
    vitrine.start_workers(1).await;
    (vitrine, fleet)
}

fn refreshes(vitrine: &Installation) -> (u64, u64) {
    let report = vitrine.simulator.calls(&CallFilter {
        endpoint: Some(Endpoint::Refresh),
        ..CallFilter::default()
    });
    let answers = report.by_status.get(&Endpoint::Refresh);
    let answered = answers.and_then(|by_status| by_status.get(&200)).copied();
    (report.total, answered.unwrap_or(0))
}

async fn row(fleet: &Fleet) -> account_token::Model {
    let rows = account_token::Entity::across_tenants();
    rows.one(fleet.database.connection()).await.unwrap().unwrap()
}

/// Holds the token's row, so that nothing can be stored.
async fn hold(fleet: &Fleet) -> Transaction {
    let transaction = fleet.database.begin_write().await.unwrap();
    let id = fleet.ships[0].id;
    account_token::Entity::across_tenants()
        .filter(account_token::Column::AccountId.eq(id))
        .lock_exclusive()
        .one(&transaction)
        .await
        .unwrap();
    transaction
}

/// Whether some statement waits for a row that another holds.
async fn somebody_waits(fleet: &Fleet) -> bool {
    let sql =
        "select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";
    let statement = Statement::from_string(DbBackend::Postgres, sql);
    let rows = fleet
        .database
        .connection()
        .query_all_raw(statement)
        .await
        .unwrap();
    !rows.is_empty()
}

/// The old token, whole; then another worker renews it.
async fn lives_on(what: &str, mut vitrine: Installation, fleet: Fleet, before: &account_token::Model) {
    let after = row(&fleet).await;
    assert_eq!(
        (&after.ciphertext, after.refreshed_at),
        (&before.ciphertext, None)
    );
    assert_eq!(
        after.expires_at, before.expires_at,
        "half of the answer was stored"
    );
    fleet.no_token_is_lost(&vitrine).await;

    vitrine.start_workers(1).await;

    recovers(what, &vitrine, &fleet, PATIENCE).await;
    let renewed = row(&fleet).await;
    assert_ne!(renewed.ciphertext, before.ciphertext);
    assert!(renewed.expires_at > before.expires_at && renewed.refreshed_at.is_some());
    fleet.no_token_is_lost(&vitrine).await;
    vitrine.workers_run(&[1]);
    within_bounds(&vitrine, CALLS_PER_HOUR);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_token_that_could_not_be_stored_leaves_the_old_one_whole() {
    let (mut vitrine, fleet) = renewing(FaultAction::Delay(Duration::from_secs(1))).await;
    let before = row(&fleet).await;
    let called = wait_until(PATIENCE, async || refreshes(&vitrine).0 == 1);
    called.await.unwrap();
    let held = hold(&fleet).await;
    let stuck = wait_until(PATIENCE, async || {
        refreshes(&vitrine).1 == 1 && somebody_waits(&fleet).await
    });
    assert!(
        stuck.await.is_ok(),
        "the worker does not store:\n{}",
        vitrine.log()
    );

    vitrine.kill_worker(0);
    held.rollback().await.unwrap();
    let gone = wait_until(PATIENCE, async || !somebody_waits(&fleet).await);
    gone.await.unwrap();

    lives_on(
        "worker killed before it stored a new token",
        vitrine,
        fleet,
        &before,
    )
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_token_that_was_half_received_leaves_the_old_one_whole() {
    let (mut vitrine, fleet) = renewing(FaultAction::Slow(Duration::from_secs(5))).await;
    let before = row(&fleet).await;
    let answering = wait_until(PATIENCE, async || refreshes(&vitrine).1 == 1);
    answering.await.unwrap();

    vitrine.kill_worker(0);

    lives_on(
        "worker killed while it received a new token",
        vitrine,
        fleet,
        &before,
    )
    .await;
}
