use super::{Bed, CADENCE, Schedule, WithSchedule, on_both_engines};
use crate::{PauseState, Repaired, jobs::JobClass, schedule::Waiting};
use chrono::TimeDelta;
use std::{sync::Arc, time::Duration};
use vitrine_base::{
    clock::{SystemClock, later},
    database::SafeTime,
    testing::WrongClock,
};
use vitrine_entity::{DataDeletionId, OutboxId, TaskId, TenantId, Time};

on_both_engines!(
    what_a_clock_that_jumped_left_behind_is_pulled_back,
    what_may_be_far_ahead_stays,
    a_lease_from_the_future_does_not_keep_a_due_row,
    what_waits_beside_the_schedule_is_pulled_back,
    what_is_due_is_left_alone_by_a_clock_that_is_behind,
);

/// The clock was eight weeks ahead while turns ended and leases were taken.
async fn what_a_clock_that_jumped_left_behind_is_pulled_back(bed: Bed) {
    let now = bed.now();
    let ahead = now + TimeDelta::days(56);
    bed.owner_of(120, ahead).await;
    bed.tokens().await;
    bed.execute("update account_token set refreshed_at = $1", [ahead.into()])
        .await;
    bed.execute(
        "update account set sync_lease_until = $1, listed_at = $1",
        [ahead.into()],
    )
    .await;

    let repaired = bed.schedule().repair_times().await.unwrap();

    let wanted = Repaired {
        syncs: 120,
        refreshes: 120,
        ..Repaired::default()
    };
    assert_eq!(repaired, wanted);
    assert_eq!(bed.schedule().repair_times().await.unwrap(), Repaired::default());
    let young = "account_token where refreshed_at > $1";
    assert_eq!(bed.count(young, [now.into()]).await, 0);
    bed.clock.advance(Duration::from_mins(10));
    for class in [JobClass::Sync, JobClass::Refresh] {
        let claimed = bed.schedule().claim(class, 500, PauseState::default()).await;
        assert_eq!(claimed.unwrap().len(), 120, "{class:?}");
    }
}

async fn what_may_be_far_ahead_stays(bed: Bed) {
    let now = bed.now();
    bed.owner_of(1, later(now, Duration::from_hours(3))).await;
    let own = bed.owner_of(1, now + TimeDelta::days(2)).await;
    let quiet = bed.owner_of(1, now + TimeDelta::days(1)).await;
    bed.execute(
        "update account set sync_every_seconds = 172800 where tenant_id = $1",
        [own.0.into()],
    )
    .await;
    bed.execute(
        "update account set blocked_until = next_sync_at where tenant_id = $1",
        [quiet.0.into()],
    )
    .await;
    bed.tokens().await;

    let repaired = bed.schedule().repair_times().await.unwrap();

    assert_eq!(repaired, Repaired::default());
}

async fn a_lease_from_the_future_does_not_keep_a_due_row(bed: Bed) {
    let now = bed.now();
    bed.owner_of(2, now).await;
    bed.owner_of(2, now).await;
    bed.execute(
        "update account set sync_lease_until = $1",
        [(now + TimeDelta::days(1)).into()],
    )
    .await;
    let schedule = bed.schedule();
    let before = schedule
        .claim(JobClass::Sync, 10, PauseState::default())
        .await
        .unwrap();

    let repaired = schedule.repair_times().await.unwrap();

    assert_eq!((before.len(), repaired.leases), (0, 4));
    let after = schedule.claim(JobClass::Sync, 10, PauseState::default()).await;
    assert_eq!(after.unwrap().len(), 4);
}

async fn task(bed: &Bed, tenant: TenantId, kind: &str, at: Time) {
    bed.execute(
        "insert into tenant_task (id, tenant_id, kind, status, done, total, attempts, created_at, run_at)
         values ($1, $2, $3, 'scheduled', 0, 0, 0, $4, $4)",
        [
            TaskId::generate().0.into(),
            tenant.0.into(),
            kind.into(),
            at.into(),
        ],
    )
    .await;
}

async fn letter(bed: &Bed, at: Time) {
    bed.execute(
        "insert into outbox (id, kind, payload, created_at, next_attempt_at, attempts) values ($1, 'mail', '{}', $2, $2, 0)",
        [OutboxId::generate().0.into(), at.into()],
    )
    .await;
}

async fn deletion(bed: &Bed, reason: &str, at: Time, lease_until: Time) {
    bed.execute(
        "insert into data_deletion (id, reason, confirmation_code, request_digest, received_at, meant_until,
            not_before, lease_until, accounts_deleted, accounts_kept, media_deleted)
         values ($1, $2, $2, $2, $3, $3, $3, $4, 0, 0, 0)",
        [
            DataDeletionId::generate().0.into(),
            reason.into(),
            at.into(),
            lease_until.into(),
        ],
    )
    .await;
}

/// An export and an email were ordered, and deletions held, by a clock that was three weeks ahead. The end of a grace
/// stays where it is.
async fn what_waits_beside_the_schedule_is_pulled_back(bed: Bed) {
    let ahead = bed.now() + TimeDelta::days(20);
    let tenant = bed.tenant().await;
    task(&bed, tenant, "export", ahead).await;
    task(&bed, tenant, "deletion", ahead).await;
    letter(&bed, ahead).await;
    deletion(&bed, "requested", ahead, ahead).await;
    deletion(&bed, "deauthorized", bed.now(), ahead).await;

    let repaired = bed.schedule().repair_times().await.unwrap();

    let wanted = Waiting {
        tasks: 1,
        letters: 1,
        deletions: 3,
    };
    assert_eq!(repaired.waiting, wanted);
    let again = bed.schedule().repair_times().await.unwrap();
    assert_eq!(again, Repaired::default());
    let waits = "tenant_task where kind = 'deletion' and run_at = $1";
    assert_eq!(bed.count(waits, [ahead.into()]).await, 1);
}

/// Others are about to do it, or hold it.
async fn what_is_due_is_left_alone_by_a_clock_that_is_behind(bed: Bed) {
    let right = SafeTime::new(bed.database.clone(), Arc::new(SystemClock));
    right.now().await.unwrap();
    task(&bed, bed.tenant().await, "export", bed.now()).await;
    letter(&bed, bed.now()).await;
    let held_until = later(bed.now(), Duration::from_secs(30));
    deletion(&bed, "requested", bed.now(), held_until).await;
    let behind = Arc::new(WrongClock::ahead_by(TimeDelta::days(-10)));

    let repaired = Schedule::new(bed.database.clone(), behind, CADENCE)
        .repair_times()
        .await;

    assert_eq!(repaired.unwrap(), Repaired::default());
}
