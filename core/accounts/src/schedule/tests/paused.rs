use super::{Bed, WithSchedule, on_both_engines};
use crate::{
    PauseError, PauseScope, Schedule,
    jobs::{JobClass, QueuedJob},
};
use chrono::TimeDelta;
use std::time::Duration;
use vitrine_entity::TenantId;

on_both_engines!(
    a_paused_tenant_is_passed_over_and_its_tokens_are_not,
    a_paused_backlog_is_put_off_and_comes_back,
    while_everything_is_paused_nothing_is_claimed,
    a_tenant_that_is_not_there_cannot_be_paused,
);

async fn claim(schedule: &Schedule, class: JobClass) -> Vec<QueuedJob> {
    let pauses = schedule.due_summary().await.unwrap().pauses;
    schedule.claim(class, 5_000, pauses).await.unwrap()
}

async fn a_paused_tenant_is_passed_over_and_its_tokens_are_not(bed: Bed) {
    let due = bed.now() - TimeDelta::hours(1);
    let (resting, working) = (bed.owner_of(5, due).await, bed.owner_of(2, due).await);
    bed.tokens().await;
    let schedule = bed.schedule();

    bed.pauses().pause(PauseScope::Tenant(resting)).await.unwrap();
    bed.pauses().pause(PauseScope::Tenant(resting)).await.unwrap();

    let syncs = claim(&schedule, JobClass::Sync).await;
    assert_eq!(syncs.len(), 2);
    assert!(
        syncs
            .iter()
            .all(|order| order.job.account_job().tenant == working)
    );
    assert_eq!(claim(&schedule, JobClass::Refresh).await.len(), 7);
    let paused = bed.pauses().list().await.unwrap();
    assert_eq!((paused.tenants.len(), paused.tenants[0].id), (1, resting));
    bed.pauses().resume(PauseScope::Tenant(resting)).await.unwrap();
    assert_eq!(claim(&schedule, JobClass::Sync).await.len(), 5);
}

async fn a_paused_backlog_is_put_off_and_comes_back(bed: Bed) {
    let now = bed.now();
    let resting = bed.owner_of(3_000, now - TimeDelta::hours(1)).await;
    bed.owner_of(1, now).await;
    bed.pauses().pause(PauseScope::Tenant(resting)).await.unwrap();
    let schedule = bed.schedule();

    let (first, second) = (
        schedule.put_off_paused().await.unwrap(),
        schedule.put_off_paused().await.unwrap(),
    );

    assert_eq!((first, second), (true, false));
    assert_eq!(schedule.due(10_000).await.unwrap()[2].rows, 1);
    bed.clock.advance(Duration::from_mins(1));
    bed.pauses().resume(PauseScope::Tenant(resting)).await.unwrap();
    assert_eq!(claim(&schedule, JobClass::Sync).await.len(), 3_001);
}

async fn while_everything_is_paused_nothing_is_claimed(bed: Bed) {
    bed.owner_of(2, bed.now()).await;
    bed.tokens().await;
    let since = bed.now();
    bed.pauses().pause(PauseScope::Everything).await.unwrap();
    bed.clock.advance(Duration::from_hours(1));
    bed.pauses().pause(PauseScope::Everything).await.unwrap();

    let another = bed.another_schedule().await;
    for class in JobClass::ALL {
        assert!(claim(&another, class).await.is_empty());
    }
    assert_eq!(bed.pauses().list().await.unwrap().everything_since, Some(since));

    bed.pauses().resume(PauseScope::Everything).await.unwrap();
    assert_eq!(claim(&another, JobClass::Sync).await.len(), 2);
    assert_eq!(claim(&another, JobClass::Refresh).await.len(), 2);
}

async fn a_tenant_that_is_not_there_cannot_be_paused(bed: Bed) {
    let nobody = PauseScope::Tenant(TenantId::generate());

    let (paused, resumed) = (
        bed.pauses().pause(nobody).await,
        bed.pauses().resume(nobody).await,
    );

    assert!(matches!(paused, Err(PauseError::NoSuchTenant)));
    assert!(matches!(resumed, Err(PauseError::NoSuchTenant)));
}
