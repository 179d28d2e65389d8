//! What is due, and when it is due next.
//!
//! The database knows what is due; a tick claims it, and the queue carries it. Every process may
//! tick: a claim is one statement that gives a row to one of them. A claim that nobody honours
//! ends by itself, and the row is claimed again.

use crate::{
    clock::{SharedClock, later},
    database::Database,
    jobs::{AccountJob, Job, JobClass, QueuedJob},
};
use sea_orm::{
    ColumnTrait, DbErr, EntityTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
    sea_query::{Expr, LockBehavior, LockType, SelectStatement},
};
use std::time::Duration;
use vitrine_entity::{
    Time, account, account_token,
    job::{self, JobKind},
};

/// How long a claim holds before the row counts as forgotten.
const CLAIM: Duration = Duration::from_mins(5);

/// How often things are done.
#[derive(Clone, Copy, Debug)]
pub struct Cadence {
    /// Between two syncs of an account.
    pub sync_every: Duration,
    /// Between two refreshes of a token.
    pub refresh_every: Duration,
    /// A token younger than this is not refreshed: Instagram wants 24 hours.
    pub refresh_min_age: Duration,
}

impl Cadence {
    /// The owner's own cadence, or the server's.
    pub(super) fn sync_every(&self, account: &account::Model) -> Duration {
        let own = account
            .sync_every_seconds
            .and_then(|seconds| u64::try_from(seconds).ok());
        own.map_or(self.sync_every, Duration::from_secs)
    }
}

/// A moment up to a tenth earlier than `every` from now, so that accounts that began together
/// drift apart.
pub(crate) fn spread(now: Time, every: Duration) -> Time {
    later(now, every.mul_f64(0.9 + 0.1 * rand::random::<f64>()))
}

/// Finds what is due.
#[derive(Clone)]
pub struct Schedule {
    database: Database,
    clock: SharedClock,
}

impl Schedule {
    /// The schedule in a database.
    #[must_use]
    pub fn new(database: Database, clock: SharedClock) -> Self {
        Self { database, clock }
    }

    /// Claims at most `most` due refreshes and as many requested jobs. Push what it gives; what gets
    /// lost on the way is claimed again later.
    ///
    /// # Errors
    /// When the database fails; some rows may have been claimed, and come back.
    pub async fn claim_urgent(&self, most: u64) -> Result<Vec<QueuedJob>, DbErr> {
        let now = self.clock.now();
        let mut due = self.claim_refreshes(now, most).await?;
        due.extend(self.claim_requested(now, most).await?);
        Ok(due)
    }

    /// Claims at most `most` due syncs, as [`Schedule::claim_urgent`] does.
    ///
    /// # Errors
    /// When the database fails; some rows may have been claimed, and come back.
    pub async fn claim_syncs(&self, most: u64) -> Result<Vec<QueuedJob>, DbErr> {
        let now = self.clock.now();
        let due = account::Entity::find()
            .select_only()
            .column(account::Column::Id)
            .filter(account::Column::NextSyncAt.lte(now))
            .filter(
                account::Column::SyncLeaseUntil
                    .is_null()
                    .or(account::Column::SyncLeaseUntil.lte(now)),
            )
            .order_by_asc(account::Column::NextSyncAt)
            .limit(most);
        let claimed = account::Entity::update_many()
            .col_expr(account::Column::SyncLeaseUntil, Expr::value(later(now, CLAIM)))
            .col_expr(
                account::Column::SyncLeaseId,
                Expr::value(None::<vitrine_entity::LeaseId>),
            )
            .filter(account::Column::Id.in_subquery(locked(due.into_query())))
            .exec_with_returning(self.database.connection())
            .await?;
        Ok(claimed.into_iter().map(sync_order).collect())
    }

    async fn claim_refreshes(&self, now: Time, most: u64) -> Result<Vec<QueuedJob>, DbErr> {
        use account_token::Column;
        let due = account_token::Entity::find()
            .select_only()
            .column(Column::AccountId)
            .filter(Column::NextRefreshAt.lte(now))
            .filter(
                Column::RefreshLeaseUntil
                    .is_null()
                    .or(Column::RefreshLeaseUntil.lte(now)),
            )
            .order_by_asc(Column::NextRefreshAt)
            .limit(most);
        let claimed = account_token::Entity::update_many()
            .col_expr(Column::RefreshLeaseUntil, Expr::value(later(now, CLAIM)))
            .col_expr(
                Column::RefreshLeaseId,
                Expr::value(None::<vitrine_entity::LeaseId>),
            )
            .filter(Column::AccountId.in_subquery(locked(due.into_query())))
            .exec_with_returning(self.database.connection())
            .await?;
        Ok(claimed.into_iter().map(refresh_order).collect())
    }

    /// Jobs that somebody asked for and that were put off, or lost on the way.
    async fn claim_requested(&self, now: Time, most: u64) -> Result<Vec<QueuedJob>, DbErr> {
        let due = job::Entity::find()
            .select_only()
            .column(job::Column::Id)
            .filter(job::Column::RunAt.lte(now))
            .order_by_asc(job::Column::RunAt)
            .limit(most);
        let claimed = job::Entity::update_many()
            .col_expr(job::Column::RunAt, Expr::value(later(now, CLAIM)))
            .filter(job::Column::Id.in_subquery(locked(due.into_query())))
            .exec_with_returning(self.database.connection())
            .await?;
        Ok(claimed.iter().map(QueuedJob::requested).collect())
    }
}

/// Rows that another tick is claiming are passed over. SQLite has one writer and needs no lock.
fn locked(mut select: SelectStatement) -> SelectStatement {
    select.lock_with_behavior(LockType::Update, LockBehavior::SkipLocked);
    select
}

fn sync_order(row: account::Model) -> QueuedJob {
    let job = AccountJob {
        tenant: row.tenant_id,
        account: row.id,
        due_at: row.next_sync_at,
        job: None,
    };
    QueuedJob {
        class: JobClass::Sync,
        job: Job::new(JobKind::SyncMedia, job),
    }
}

fn refresh_order(row: account_token::Model) -> QueuedJob {
    let job = AccountJob {
        tenant: row.tenant_id,
        account: row.account_id,
        due_at: row.next_refresh_at,
        job: None,
    };
    QueuedJob {
        class: JobClass::Refresh,
        job: Job::new(JobKind::RefreshToken, job),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::{Clock, TestClock, until};

    #[test]
    fn a_next_turn_is_early_by_a_tenth_at_most() {
        let (now, every) = (TestClock::new().now(), Duration::from_hours(3));

        for _ in 0..1_000 {
            let wait = until(now, spread(now, every));
            assert!(wait >= every.mul_f64(0.9) && wait <= every, "{wait:?}");
        }
    }
}
