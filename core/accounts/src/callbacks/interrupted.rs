//! What is said of a deletion that was not done.

use super::{DeletionError, Deletions};
use sea_orm::{ActiveModelTrait, ConnectionTrait, IntoActiveModel};
use std::sync::Arc;
use vitrine_base::testing::{Bed, on_both_engines};
use vitrine_entity::{
    DataDeletionId, Time,
    data_deletion::{DeletionReason, Model},
};
use vitrine_feeds::ChangeEvents;

on_both_engines!(only_a_deletion_that_had_begun_was_interrupted);

async fn only_a_deletion_that_had_begun_was_interrupted(bed: Bed) {
    let changes = ChangeEvents::in_process();
    let deletions = Deletions::new(bed.database.clone(), Arc::new(bed.clock.clone()), changes);
    assert!(!deletions.next().await.unwrap());
    due(&bed).await;
    let rename = async |from: &str, to: &str| {
        let order = format!("alter table {from} rename to {to}");
        bed.database
            .connection()
            .execute_unprepared(&order)
            .await
            .unwrap();
    };

    rename("account", "elsewhere").await;
    let begun = deletions.next().await.unwrap_err();
    rename("data_deletion", "elsewhere_too").await;
    let unknown = deletions.next().await.unwrap_err();

    assert!(matches!(begun, DeletionError::Interrupted(_)), "{begun}");
    assert!(matches!(unknown, DeletionError::NotFound(_)), "{unknown}");
}

/// A deletion that somebody asked for just now.
async fn due(bed: &Bed) {
    let row = order(DeletionReason::Requested, bed.now(), bed.now()).into_active_model();
    row.insert(bed.database.connection()).await.unwrap();
}

/// The row of a deletion that was asked for at `now`.
pub(super) fn order(reason: DeletionReason, now: Time, not_before: Time) -> Model {
    Model {
        id: DataDeletionId::generate(),
        reason,
        confirmation_code: "code".to_owned(),
        request_digest: "digest".to_owned(),
        platform_user_id: Some("17841400000000000".to_owned()),
        received_at: now,
        meant_until: now,
        not_before,
        started_at: None,
        finished_at: None,
        lease_until: None,
        accounts_deleted: 0,
        accounts_kept: 0,
        media_deleted: 0,
    }
}
