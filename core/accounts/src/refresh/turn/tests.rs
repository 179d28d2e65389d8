//! Turns of one token that several runs want.

use super::RefreshTurns;
use crate::{
    Breaker, Incidents, Reason, RunContext, RunError, StatusRules,
    jobs::AccountJob,
    run_lease::LEASE,
    schedule::tests::{Bed, WithSchedule, on_both_engines},
};
use std::sync::Arc;
use vitrine_base::clock::SharedClock;
use vitrine_entity::{TenantOwned, account_token};
use vitrine_limits::budget::CallClass;

on_both_engines!(
    of_two_runs_at_once_one_has_the_token,
    a_run_that_lost_its_lease_settles_nothing,
    a_refresh_that_failed_is_tried_again_tomorrow,
);

fn turns(bed: &Bed) -> RefreshTurns {
    let (database, clock): (_, SharedClock) = (bed.database.clone(), Arc::new(bed.clock.clone()));
    let breaker = Breaker::new(database.clone(), clock.clone());
    let incidents = Incidents::new(database.clone(), clock.clone(), breaker);
    let status_rules = StatusRules::new(database.clone(), clock.clone(), incidents);
    RefreshTurns::new(database, clock, status_rules)
}

async fn stored(bed: &Bed) -> account_token::Model {
    let row = account_token::Entity::across_tenants().one(bed.database.connection());
    row.await.unwrap().unwrap()
}

/// The turn of a token that is due.
async fn due(bed: &Bed) -> AccountJob {
    let tenant = bed.owner_of(1, bed.now()).await;
    bed.tokens().await;
    let token = stored(bed).await;
    AccountJob {
        tenant,
        account: token.account_id,
        due_at: token.next_refresh_at,
        job: None,
    }
}

fn run(bed: &Bed, job: &AccountJob) -> RunContext {
    RunContext::new(job, bed.now(), CallClass::Refresh)
}

fn refused() -> RunError {
    RunError::Failed {
        reason: Reason::RefreshRefused,
        source: None,
    }
}

async fn of_two_runs_at_once_one_has_the_token(bed: Bed) {
    let (turns, job) = (turns(&bed), due(&bed).await);
    let (one, other) = (run(&bed, &job), run(&bed, &job));

    let (one, other) = tokio::join!(turns.take(&job, one), turns.take(&job, other));

    let lost = match (one, other) {
        (Ok(_), Err(lost)) | (Err(lost), Ok(_)) => lost,
        (one, other) => panic!("{one:?} {other:?}"),
    };
    assert!(matches!(lost, RunError::Stale(Reason::TurnTaken)), "{lost}");
}

async fn a_run_that_lost_its_lease_settles_nothing(bed: Bed) {
    let (turns, job) = (turns(&bed), due(&bed).await);
    let first = run(&bed, &job);
    let token = turns.take(&job, first).await.unwrap();
    assert!(turns.renew_lease(&token, first.lease).await);
    bed.clock.advance(LEASE);
    let second = run(&bed, &job);
    turns.take(&job, second).await.unwrap();

    turns.settle(&token, first, &refused()).await.unwrap();

    assert!(!turns.renew_lease(&token, first.lease).await);
    let held = stored(&bed).await;
    assert_eq!((held.failures, held.refresh_lease_id), (0, Some(second.lease.id)));
}

async fn a_refresh_that_failed_is_tried_again_tomorrow(bed: Bed) {
    let (turns, job) = (turns(&bed), due(&bed).await);
    let run = run(&bed, &job);
    let token = turns.take(&job, run).await.unwrap();

    turns.settle(&token, run, &refused()).await.unwrap();

    let settled = stored(&bed).await;
    assert_eq!(settled.last_error.as_deref(), Some("refresh_refused"));
    assert_eq!((settled.failures, settled.refresh_lease_until), (1, None));
    assert!(settled.next_refresh_at > job.due_at);
}
