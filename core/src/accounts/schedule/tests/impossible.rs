use super::{Bed, on_both_engines};
use crate::{
    accounts::{PauseState, Repaired},
    clock::later,
    jobs::JobClass,
};
use chrono::TimeDelta;
use std::time::Duration;

on_both_engines!(
    what_a_clock_that_jumped_left_behind_is_pulled_back,
    what_may_be_far_ahead_stays,
    a_lease_from_the_future_does_not_keep_a_due_row,
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
