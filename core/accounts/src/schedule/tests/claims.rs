use super::{Bed, WithSchedule, on_both_engines};
use crate::{
    PauseState, Schedule,
    jobs::{JobClass, QueuedJob},
};
use chrono::TimeDelta;
use std::{
    collections::HashSet,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};
use vitrine_entity::{AccountId, TenantId};

on_both_engines!(
    the_first_of_every_tenant_comes_before_the_second_of_any,
    a_row_that_just_became_due_is_seen_behind_any_backlog,
    claims_at_once_give_each_row_to_one,
    a_claim_that_nobody_honours_lapses,
    what_is_not_due_is_not_claimed,
);

fn tenants(due: &[QueuedJob]) -> HashSet<TenantId> {
    due.iter().map(|order| order.job.account_job().tenant).collect()
}

async fn claim(schedule: &Schedule, class: JobClass, most: u32) -> Vec<QueuedJob> {
    schedule.claim(class, most, PauseState::default()).await.unwrap()
}

async fn the_first_of_every_tenant_comes_before_the_second_of_any(bed: Bed) {
    let now = bed.now();
    bed.owner_of(10_000, now - TimeDelta::hours(2)).await;
    let mut small = HashSet::new();
    for _ in 0..100 {
        small.insert(bed.owner_of(1, now - TimeDelta::hours(1)).await);
    }
    bed.tokens().await;

    for class in [JobClass::Sync, JobClass::Refresh] {
        let claimed = claim(&bed.schedule(), class, 101).await;

        assert_eq!(claimed.len(), 101);
        assert!(tenants(&claimed).is_superset(&small), "{class:?}");
    }
}

async fn a_row_that_just_became_due_is_seen_behind_any_backlog(bed: Bed) {
    let now = bed.now();
    for hours in 2..6 {
        bed.owner_of(5_000, now - TimeDelta::hours(hours)).await;
    }
    let small = bed.owner_of(1, now).await;

    let claimed = claim(&bed.schedule(), JobClass::Sync, 500).await;

    assert_eq!(claimed.len(), 500);
    assert!(tenants(&claimed).contains(&small));
}

/// Claims until all `rows` were given to somebody.
async fn claim_all(schedule: Schedule, given: Arc<AtomicUsize>, rows: usize) -> Vec<AccountId> {
    let mut mine = Vec::new();
    for _ in 0..1_000 {
        let claimed = claim(&schedule, JobClass::Sync, 500).await;
        given.fetch_add(claimed.len(), Ordering::SeqCst);
        mine.extend(claimed.iter().map(|order| order.job.account_job().account));
        if claimed.is_empty() && given.load(Ordering::SeqCst) >= rows {
            return mine;
        }
    }
    panic!("{} of {rows} rows were given away", given.load(Ordering::SeqCst));
}

async fn claims_at_once_give_each_row_to_one(bed: Bed) {
    let due = bed.now() - TimeDelta::hours(1);
    for _ in 0..10 {
        bed.owner_of(1_000, due).await;
    }
    let given = Arc::new(AtomicUsize::new(0));
    let mut claimers = tokio::task::JoinSet::new();
    for _ in 0..4 {
        let schedule = bed.another_schedule().await;
        claimers.spawn(claim_all(schedule, Arc::clone(&given), 10_000));
    }

    let all: Vec<AccountId> = claimers.join_all().await.concat();

    let different: HashSet<AccountId> = all.iter().copied().collect();
    assert_eq!((all.len(), different.len()), (10_000, 10_000));
}

async fn a_claim_that_nobody_honours_lapses(bed: Bed) {
    bed.owner_of(3, bed.now()).await;
    let schedule = bed.schedule();

    let first = claim(&schedule, JobClass::Sync, 10).await;
    let meanwhile = claim(&schedule, JobClass::Sync, 10).await;
    bed.clock.advance(Duration::from_mins(5));
    let again = claim(&schedule, JobClass::Sync, 10).await;

    assert_eq!((first.len(), meanwhile.len(), again.len()), (3, 0, 3));
    assert_eq!(
        first[0].job.account_job().due_at,
        again[0].job.account_job().due_at
    );
}

async fn what_is_not_due_is_not_claimed(bed: Bed) {
    bed.owner_of(3, bed.now() + TimeDelta::seconds(1)).await;
    let schedule = bed.schedule();

    assert!(claim(&schedule, JobClass::Sync, 10).await.is_empty());
    assert_eq!(schedule.due(10).await.unwrap()[2].rows, 0);
    bed.clock.advance(Duration::from_secs(1));
    assert_eq!(schedule.due(2).await.unwrap()[2].rows, 2);
    assert_eq!(claim(&schedule, JobClass::Sync, 2).await.len(), 2);
}
