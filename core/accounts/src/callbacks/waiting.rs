//! What a wrong clock does to deletions that wait.

use super::{Deletions, interrupted::order};
use chrono::TimeDelta;
use sea_orm::{ActiveModelTrait, IntoActiveModel};
use std::sync::Arc;
use vitrine_base::{
    clock::SharedClock,
    database::{Database, SafeTime},
    testing::{Bed, WrongClock, on_both_engines},
};
use vitrine_entity::data_deletion::{DeletionReason, Model};
use vitrine_feeds::ChangeEvents;

on_both_engines!(
    a_clock_that_is_ahead_ends_no_wait_after_the_app_was_removed,
    a_deletion_that_has_begun_goes_on,
    what_a_person_asked_for_waits_for_no_clock,
);

/// Whether a worker does this on a machine whose clock is forty days ahead of the record.
async fn is_done(bed: &Bed, order: Model) -> bool {
    let right = SafeTime::new(bed.database.clone(), Arc::new(bed.clock.clone()));
    right.now().await.unwrap();
    let order = order.into_active_model();
    order.insert(bed.database.connection()).await.unwrap();
    let clock: SharedClock = Arc::new(WrongClock::ahead_by(TimeDelta::days(40)));
    let database = Database::connect(&bed.settings).await.unwrap();
    let deletions = Deletions::new(database, clock, ChangeEvents::in_process());
    deletions.next().await.unwrap()
}

fn app_removed(bed: &Bed) -> Model {
    order(
        DeletionReason::Deauthorized,
        bed.now(),
        bed.now() + TimeDelta::days(30),
    )
}

async fn a_clock_that_is_ahead_ends_no_wait_after_the_app_was_removed(bed: Bed) {
    let removed = app_removed(&bed);
    assert!(!is_done(&bed, removed).await);
}

async fn a_deletion_that_has_begun_goes_on(bed: Bed) {
    let begun = Model {
        started_at: Some(bed.now()),
        ..app_removed(&bed)
    };
    assert!(is_done(&bed, begun).await);
}

async fn what_a_person_asked_for_waits_for_no_clock(bed: Bed) {
    let later = bed.now() + TimeDelta::days(39);
    assert!(is_done(&bed, order(DeletionReason::Requested, later, later)).await);
}
