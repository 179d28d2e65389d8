//! What waits beside the schedule: tasks of tenants, emails, deletions that Meta ordered.
//!
//! What waits out a grace or days after the app was removed may be far ahead on purpose, and is left alone.

use super::{Kind, LONGEST_LEASE, TOLERANCE, repaired::Waiting};
use sea_orm::{ColumnTrait, DbErr, QueryFilter, sea_query::Expr};
use std::time::Duration;
use vitrine_base::{clock::later, database::Database};
use vitrine_entity::{InstallationOwned, Time, data_deletion};

/// No task that may run is put off for longer, by an hour.
const LONGEST_TASK: Duration = Duration::from_hours(2);
/// No email waits longer for its next try, by ten minutes.
const LONGEST_LETTER: Duration = Duration::from_mins(30);

const TASKS: Kind = Kind {
    table: "tenant_task",
    key: "id",
    due: "run_at",
    beside: ", kind, attempts",
    impossible: "kind = 'export' or attempts > 0",
    also: "lease_id = null, created_at = case when created_at > $1 then $1 else created_at end",
};

const LETTERS: Kind = Kind {
    table: "outbox",
    key: "id",
    due: "next_attempt_at",
    beside: ", kind",
    impossible: "kind = 'mail'",
    also: "lease_id = null, created_at = case when created_at > $1 then $1 else created_at end",
};

/// What a person asked for waits for nothing.
const DELETIONS: Kind = Kind {
    table: "data_deletion",
    key: "id",
    due: "not_before",
    beside: ", reason",
    impossible: "reason = 'requested'",
    also: "received_at = case when received_at > $1 then $1 else received_at end",
};

/// `now` must not be behind: what is not due yet would seem impossible.
pub(super) async fn pull(database: &Database, now: Time) -> Result<Waiting, DbErr> {
    let near = |longest: Duration| later(now, longest);
    Ok(Waiting {
        tasks: TASKS
            .pull(database, now, near(LONGEST_TASK), LONGEST_TASK)
            .await?,
        letters: LETTERS
            .pull(database, now, near(LONGEST_LETTER), LONGEST_LETTER)
            .await?,
        deletions: DELETIONS.pull(database, now, near(TOLERANCE), TOLERANCE).await?
            + free_deletions(database, now).await?,
    })
}

/// A deletion is held for half a minute at a time.
async fn free_deletions(database: &Database, now: Time) -> Result<u64, DbErr> {
    use data_deletion::{Column, Entity};
    let without_lease = Entity::update_rows()
        .col_expr(Column::LeaseUntil, Expr::value(None::<Time>))
        .filter(Column::FinishedAt.is_null())
        .filter(Column::LeaseUntil.gt(later(now, LONGEST_LEASE)))
        .exec(database.connection())
        .await?;
    Ok(without_lease.rows_affected)
}
