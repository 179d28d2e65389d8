//! Turns of one account that several runs want.

use super::SyncTurns;
use crate::{
    CallBudget, Reason, RunContext, RunError,
    jobs::AccountJob,
    run_lease::LEASE,
    schedule::tests::{Bed, CADENCE, WithSchedule, on_both_engines},
};
use std::sync::Arc;
use vitrine_base::clock::later;
use vitrine_entity::{TenantOwned, account};
use vitrine_limits::budget::CallClass;

on_both_engines!(
    of_two_runs_at_once_one_has_the_account,
    a_run_that_lost_its_lease_ends_nothing,
    a_run_that_renews_its_lease_keeps_the_account,
    a_turn_that_failed_is_followed_by_the_next,
);

fn turns(bed: &Bed) -> SyncTurns {
    SyncTurns::new(bed.database.clone(), Arc::new(bed.clock.clone()), CADENCE)
}

async fn stored(bed: &Bed) -> account::Model {
    let row = account::Entity::across_tenants().one(bed.database.connection());
    row.await.unwrap().unwrap()
}

/// The turn of an account that is due.
async fn due(bed: &Bed) -> AccountJob {
    let tenant = bed.owner_of(1, bed.now()).await;
    bed.tokens().await;
    let account = stored(bed).await;
    AccountJob {
        tenant,
        account: account.id,
        due_at: account.next_sync_at,
        job: None,
    }
}

fn run(bed: &Bed, job: &AccountJob) -> RunContext {
    RunContext::new(job, bed.now(), CallClass::Sync)
}

async fn of_two_runs_at_once_one_has_the_account(bed: Bed) {
    let (turns, job) = (turns(&bed), due(&bed).await);
    let (one, other) = (run(&bed, &job), run(&bed, &job));

    let (one, other) = tokio::join!(turns.take(&job, one), turns.take(&job, other));

    let lost = match (one, other) {
        (Ok(_), Err(lost)) | (Err(lost), Ok(_)) => lost,
        (one, other) => panic!("{one:?} {other:?}"),
    };
    assert!(matches!(lost, RunError::Stale(Reason::TurnTaken)), "{lost}");
}

async fn a_run_that_lost_its_lease_ends_nothing(bed: Bed) {
    let (turns, job) = (turns(&bed), due(&bed).await);
    let first = run(&bed, &job);
    let (account, token) = turns.take(&job, first).await.unwrap();
    bed.clock.advance(LEASE);
    let second = run(&bed, &job);
    turns.take(&job, second).await.unwrap();

    let budget = CallBudget::of(&account, &token, CallClass::Sync);
    let ended = turns.end_unchanged(&account, first, &budget).await;

    assert!(
        matches!(ended, Err(RunError::Stale(Reason::LeaseLost))),
        "{ended:?}"
    );
    assert!(!turns.renew_lease(&account, first).await);
    turns.end_unchanged(&account, second, &budget).await.unwrap();
    let ended = stored(&bed).await;
    assert_eq!((ended.synced_at, ended.sync_lease_id), (Some(bed.now()), None));
    assert!(ended.next_sync_at > job.due_at);
}

async fn a_run_that_renews_its_lease_keeps_the_account(bed: Bed) {
    let (turns, job) = (turns(&bed), due(&bed).await);
    let first = run(&bed, &job);
    let (account, _) = turns.take(&job, first).await.unwrap();

    bed.clock.advance(LEASE / 2);
    assert!(turns.renew_lease(&account, first).await);
    bed.clock.advance(LEASE / 2);

    assert!(turns.take(&job, run(&bed, &job)).await.is_err());
    assert_eq!(
        stored(&bed).await.sync_lease_until,
        Some(later(bed.now(), LEASE / 2))
    );
}

async fn a_turn_that_failed_is_followed_by_the_next(bed: Bed) {
    let (turns, job) = (turns(&bed), due(&bed).await);
    let run = run(&bed, &job);
    let (account, token) = turns.take(&job, run).await.unwrap();
    let budget = CallBudget::of(&account, &token, CallClass::Sync);
    let error = RunError::Failed {
        reason: Reason::EmptyListing,
        source: None,
    };

    turns.settle(&account, run, &budget, &error).await.unwrap();

    let settled = stored(&bed).await;
    assert_eq!(settled.sync_error.as_deref(), Some("empty_listing"));
    assert_eq!((settled.sync_failures, settled.sync_lease_id), (1, None));
    assert!(settled.next_sync_at > job.due_at);
}
