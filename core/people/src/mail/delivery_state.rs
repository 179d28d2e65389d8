//! The states of a message on its way out.
//!
//! Waiting: `next_attempt_at`. Under way: a lease besides, which lapses at `next_attempt_at`. In its last step:
//! `handed_over_at` besides. Ended: `sent_at`, or `gave_up_at` with `trouble`, and no `next_attempt_at`.

use sea_orm::{
    ColumnTrait, DbErr, EntityTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait, UpdateMany,
    sea_query::{Expr, LockBehavior, LockType, Query},
};
use serde_json::json;
use std::time::Duration;
use vitrine_base::{
    clock::{SharedClock, later},
    database::{Database, SafeTime},
};
use vitrine_entity::{LeaseId, OutboxId, Time, outbox};

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

    /// Takes due messages of a kind under a new lease; several at once share none.
    pub(super) async fn claim(&self, kind: &str, most: u64) -> Result<Vec<outbox::Model>, DbErr> {
        let now = self.clock.now();
        let mut due = outbox::Entity::find()
            .select_only()
            .column(outbox::Column::Id)
            .filter(outbox::Column::NextAttemptAt.lte(now))
            .filter(outbox::Column::Kind.eq(kind))
            .order_by_asc(outbox::Column::NextAttemptAt)
            .limit(most)
            .into_query();
        due.lock_with_behavior(LockType::Update, LockBehavior::SkipLocked);
        outbox::Entity::update_many()
            .col_expr(outbox::Column::LeaseId, Expr::value(LeaseId::generate()))
            .col_expr(
                outbox::Column::Attempts,
                Expr::col(outbox::Column::Attempts).add(1),
            )
            .col_expr(outbox::Column::NextAttemptAt, Expr::value(later(now, LEASE)))
            .filter(outbox::Column::Id.in_subquery(due))
            .exec_with_returning(self.database.connection())
            .await
    }

    /// Marks that the last step is begun. False, and nothing may be sent, when the lease was lost.
    pub(super) async fn hand_over(&self, row: &outbox::Model) -> Result<bool, DbErr> {
        let now = self.clock.now();
        let marked = self
            .held(row)
            .col_expr(outbox::Column::HandedOverAt, Expr::value(now))
            .col_expr(outbox::Column::NextAttemptAt, Expr::value(later(now, LAST_STEP)))
            .filter(outbox::Column::NextAttemptAt.gt(now))
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
                .col_expr(outbox::Column::NextAttemptAt, Expr::value(*at))
                .col_expr(outbox::Column::HandedOverAt, nothing())
                .col_expr(outbox::Column::Trouble, Expr::value(trouble.as_str())),
            DeliveryOutcome::Sent => self.ended(row).col_expr(outbox::Column::SentAt, Expr::value(now)),
            DeliveryOutcome::GaveUp(trouble) => self
                .ended(row)
                .col_expr(outbox::Column::GaveUpAt, Expr::value(now))
                .col_expr(outbox::Column::Trouble, Expr::value(trouble.as_str())),
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
        let old = Query::select()
            .column(outbox::Column::Id)
            .from(outbox::Entity)
            .and_where(outbox::Column::CreatedAt.lt(before))
            .and_where(outbox::Column::NextAttemptAt.is_null())
            .and_where(outbox::Column::Kind.eq(kind))
            .limit(most)
            .take();
        let deleted = outbox::Entity::delete_many()
            .filter(outbox::Column::Id.in_subquery(old))
            .exec(self.database.connection())
            .await?;
        Ok(deleted.rows_affected)
    }

    /// What has ended is never looked at again, and its text is forgotten.
    fn ended(&self, row: &outbox::Model) -> UpdateMany<outbox::Entity> {
        self.held(row)
            .col_expr(outbox::Column::NextAttemptAt, Expr::value(Option::<Time>::None))
            .col_expr(outbox::Column::Payload, Expr::value(json!({})))
    }

    /// Only the holder of the lease writes.
    fn held(&self, row: &outbox::Model) -> UpdateMany<outbox::Entity> {
        let id: OutboxId = row.id;
        outbox::Entity::update_many()
            .filter(outbox::Column::Id.eq(id))
            .filter(outbox::Column::LeaseId.eq(row.lease_id))
    }
}
