//! The states of a message on its way out.
//!
//! Waiting: `next_attempt_at`. Under way: a lease besides, which lapses at `next_attempt_at`. In its last step:
//! `handed_over_at` besides. Ended: `sent_at`, or `gave_up_at` with `trouble`, and no `next_attempt_at`.

use sea_orm::{
    ColumnTrait, DbErr, ExprTrait, QueryFilter, QuerySelect, QueryTrait, UpdateMany, sea_query::Expr,
};
use serde_json::json;
use std::time::Duration;
use vitrine_base::{
    background::leased_work::{Lease, LeasedRows},
    clock::{SharedClock, later},
    database::{Database, SafeTime},
};
use vitrine_entity::{
    InstallationOwned, Time,
    outbox::{self, Column},
};

/// Messages and their leases: a message is due again when its lease ends.
const MESSAGES: LeasedRows<outbox::Entity> = LeasedRows {
    key: Column::Id,
    due: Column::NextAttemptAt,
    holder: Some(Column::LeaseId),
    until: Column::NextAttemptAt,
};
/// A try that is not heard of for so long is taken for lost; longer than a transport prepares.
const LEASE: Duration = Duration::from_mins(1);
/// The same once the last step was begun; longer than a transport delivers.
const LAST_STEP: Duration = Duration::from_mins(3);

/// Writes down where messages stand.
#[derive(Clone)]
pub(super) struct DeliveryStore {
    database: Database,
    pub(super) safe_time: SafeTime,
    clock: SharedClock,
}

/// How a try ended.
#[derive(Debug)]
pub(super) enum DeliveryOutcome {
    Sent,
    Again {
        at: Time,
        trouble: String,
    },
    GaveUp(String),
    /// Somebody else has the message now.
    Lost,
}

impl DeliveryOutcome {
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::Again { .. } => "again",
            Self::GaveUp(_) => "gave_up",
            Self::Lost => "lost",
        }
    }
}

impl DeliveryStore {
    pub(super) fn new(database: Database, clock: SharedClock) -> Self {
        Self {
            safe_time: SafeTime::new(database.clone(), clock.clone()),
            database,
            clock,
        }
    }

    /// Whether a message of a kind is due.
    pub(super) async fn is_any_due(&self, kind: &str) -> Result<bool, DbErr> {
        let due = MESSAGES.due(self.clock.now()).filter(Column::Kind.eq(kind));
        MESSAGES.is_any(due, self.database.connection()).await
    }

    /// Takes due messages of a kind under a new lease; several at once share none.
    pub(super) async fn claim(&self, kind: &str, most: u64) -> Result<Vec<outbox::Model>, DbErr> {
        let (now, connection) = (self.clock.now(), self.database.connection());
        let due = MESSAGES.due(now).filter(Column::Kind.eq(kind));
        MESSAGES
            .claim(due, most, Lease::begin(now, LEASE), connection)
            .col_expr(Column::Attempts, Expr::col(Column::Attempts).add(1))
            .exec_with_returning(connection)
            .await
    }

    /// Marks that the last step is begun. False, and nothing may be sent, when the lease was lost.
    pub(super) async fn hand_over(&self, row: &outbox::Model) -> Result<bool, DbErr> {
        let now = self.clock.now();
        let marked = MESSAGES
            .extend(self.held(row), later(now, LAST_STEP))
            .col_expr(Column::HandedOverAt, Expr::value(now))
            .filter(Column::NextAttemptAt.gt(now))
            .exec(self.database.connection())
            .await?;
        Ok(marked.rows_affected == 1)
    }

    pub(super) async fn settle(&self, row: &outbox::Model, ending: &DeliveryOutcome) -> Result<(), DbErr> {
        let now = self.clock.now();
        let nothing = || Expr::value(Option::<Time>::None);
        let update = match ending {
            DeliveryOutcome::Lost => return Ok(()),
            DeliveryOutcome::Again { at, trouble } => self
                .held(row)
                .col_expr(Column::NextAttemptAt, Expr::value(*at))
                .col_expr(Column::HandedOverAt, nothing())
                .col_expr(Column::Trouble, Expr::value(trouble.as_str())),
            DeliveryOutcome::Sent => self.ended(row).col_expr(Column::SentAt, Expr::value(now)),
            DeliveryOutcome::GaveUp(trouble) => self
                .ended(row)
                .col_expr(Column::GaveUpAt, Expr::value(now))
                .col_expr(Column::Trouble, Expr::value(trouble.as_str())),
        };
        update.exec(self.database.connection()).await.map(|_| ())
    }

    pub(super) async fn prune(&self, kind: &str, keep: Duration, most: u64) -> Result<u64, DbErr> {
        let now = self.safe_time.now().await?;
        let Some(before) = chrono::TimeDelta::from_std(keep)
            .ok()
            .and_then(|keep| now.checked_sub_signed(keep))
        else {
            return Ok(0);
        };
        let old = outbox::Entity::rows()
            .select_only()
            .column(Column::Id)
            .filter(Column::CreatedAt.lt(before))
            .filter(Column::NextAttemptAt.is_null())
            .filter(Column::Kind.eq(kind))
            .limit(most)
            .into_query();
        let deleted = outbox::Entity::delete_rows()
            .filter(Column::Id.in_subquery(old))
            .exec(self.database.connection())
            .await?;
        Ok(deleted.rows_affected)
    }

    /// What has ended is never looked at again, and its text is forgotten.
    fn ended(&self, row: &outbox::Model) -> UpdateMany<outbox::Entity> {
        self.held(row)
            .col_expr(Column::NextAttemptAt, Expr::value(Option::<Time>::None))
            .col_expr(Column::Payload, Expr::value(json!({})))
    }

    /// Only the holder of the lease writes.
    fn held(&self, row: &outbox::Model) -> UpdateMany<outbox::Entity> {
        MESSAGES.held(outbox::Entity::update_rows(), row.id, row.lease_id)
    }
}
