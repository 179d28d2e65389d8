//! Claims and what their holders write, on both engines.

use super::LeasedRows;
use crate::{
    background::leased_work::Lease,
    clock::later,
    testing::{Bed, on_both_engines},
};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ConnectionTrait, sea_query::Expr};
use std::{collections::HashSet, time::Duration};
use vitrine_entity::{
    InstallationOwned, OutboxId,
    outbox::{self, Column},
};

on_both_engines!(
    claims_share_no_row_and_take_what_is_due_longest,
    a_claim_takes_no_more_whatever_the_planner_believes,
    a_row_is_due_again_when_its_lease_ends,
    whoever_lost_the_lease_writes_nothing,
);

const ROWS: LeasedRows<outbox::Entity> = LeasedRows {
    key: Column::Id,
    due: Column::NextAttemptAt,
    holder: Some(Column::LeaseId),
    until: Column::NextAttemptAt,
};
const SPAN: Duration = Duration::from_secs(60);

/// A row that has been due for so long.
async fn due_for(bed: &Bed, seconds: i64) -> OutboxId {
    let id = OutboxId::generate();
    let row = outbox::ActiveModel {
        id: Set(id),
        kind: Set("mail".to_owned()),
        payload: Set(sea_orm::prelude::Json::from("")),
        created_at: Set(bed.now()),
        next_attempt_at: Set(Some(bed.now() - chrono::TimeDelta::seconds(seconds))),
        attempts: Set(0),
        ..Default::default()
    };
    row.insert(bed.database.connection()).await.unwrap();
    id
}

async fn claim(bed: &Bed, most: u64) -> Vec<outbox::Model> {
    let lease = Lease::begin(bed.now(), SPAN);
    let connection = bed.database.connection();
    let claim = ROWS.claim(ROWS.due(bed.now()), most, lease, connection);
    claim.exec_with_returning(connection).await.unwrap()
}

/// Whether the holder of a row as it was claimed may still write.
async fn writes(bed: &Bed, row: &outbox::Model) -> bool {
    let write = outbox::Entity::update_rows().col_expr(Column::SentAt, Expr::value(bed.now()));
    let write = ROWS.held(write, row.id, row.lease_id.unwrap());
    let written = write.exec(bed.database.connection()).await.unwrap();
    written.rows_affected == 1
}

async fn claims_share_no_row_and_take_what_is_due_longest(bed: Bed) {
    let newest = due_for(&bed, 1).await;
    for seconds in 2..10 {
        due_for(&bed, seconds).await;
    }

    let (one, other) = tokio::join!(claim(&bed, 4), claim(&bed, 4));

    let claimed: HashSet<OutboxId> = one.iter().chain(&other).map(|row| row.id).collect();
    assert_eq!(claimed.len(), 8);
    assert!(!claimed.contains(&newest));
    let (due, connection) = (ROWS.due(bed.now()), bed.database.connection());
    assert!(ROWS.is_any(due, connection).await.unwrap());
    assert_eq!(claim(&bed, 4).await.len(), 1);
    assert!(!ROWS.is_any(ROWS.due(bed.now()), connection).await.unwrap());
}

/// The planner believes in one row, and puts the subquery into the inner loop.
async fn a_claim_takes_no_more_whatever_the_planner_believes(bed: Bed) {
    let connection = bed.database.connection();
    due_for(&bed, 20).await;
    connection.execute_unprepared("ANALYZE outbox").await.unwrap();
    for seconds in (1..10).rev() {
        due_for(&bed, seconds).await;
    }

    assert_eq!(claim(&bed, 1).await.len(), 1);
    assert_eq!(claim(&bed, 2).await.len(), 2);
}

async fn a_row_is_due_again_when_its_lease_ends(bed: Bed) {
    due_for(&bed, 1).await;
    assert_eq!(claim(&bed, 1).await.len(), 1);

    bed.clock.advance(SPAN / 2);
    assert!(claim(&bed, 1).await.is_empty());
    bed.clock.advance(SPAN / 2);

    assert_eq!(
        claim(&bed, 1).await[0].next_attempt_at,
        Some(later(bed.now(), SPAN))
    );
}

async fn whoever_lost_the_lease_writes_nothing(bed: Bed) {
    due_for(&bed, 1).await;
    let first = claim(&bed, 1).await.remove(0);
    assert!(writes(&bed, &first).await);

    bed.clock.advance(SPAN);
    let second = claim(&bed, 1).await.remove(0);

    assert!(!writes(&bed, &first).await);
    assert!(writes(&bed, &second).await);
}
