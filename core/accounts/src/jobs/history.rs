//! What is written down about jobs.
//!
//! A job that somebody asked for has a row from the start. A job of the schedule gets one only when
//! there is something to report: posts changed, or it failed. An unchanged sync moves the account's
//! own times and nothing else.

use super::{
    AccountJob, JobResult,
    result::{Row, leaves_a_row},
};
use chrono::TimeDelta;
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::Set,
    ColumnTrait, DbErr, ExprTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait, Select,
    sea_query::{Expr, LockBehavior, LockType},
};
use std::time::Duration;
use vitrine_base::{
    clock::SharedClock,
    database::{Database, SafeTime},
};
use vitrine_entity::{
    AccountId, JobId, TenantId, TenantOwned, Time,
    job::{self, JobKind, JobStatus},
};

/// Which jobs are asked for.
#[derive(Clone, Debug, Default)]
pub struct JobFilter {
    /// About this account.
    pub account_id: Option<AccountId>,
    /// Of this kind.
    pub kind: Option<JobKind>,
    /// In this state.
    pub status: Option<JobStatus>,
}

pub(super) fn select(tenant: TenantId, filter: JobFilter) -> Select<job::Entity> {
    let mut select = job::Entity::of(tenant);
    if let Some(account) = filter.account_id {
        select = select.filter(job::Column::AccountId.eq(account));
    }
    if let Some(kind) = filter.kind {
        select = select.filter(job::Column::Kind.eq(kind));
    }
    if let Some(status) = filter.status {
        select = select.filter(job::Column::Status.eq(status));
    }
    select
}

/// Writes the history.
#[derive(Clone)]
pub struct JobHistory {
    database: Database,
    safe_time: SafeTime,
    clock: SharedClock,
}

impl JobHistory {
    /// The service over its parts.
    #[must_use]
    pub fn new(database: Database, clock: SharedClock) -> Self {
        Self {
            safe_time: SafeTime::new(database.clone(), clock.clone()),
            database,
            clock,
        }
    }

    /// Notes that a run begins; jobs of the schedule leave no trace yet. Gives false when the row is
    /// gone or ended, so that there is nothing to do.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn began(&self, order: &AccountJob, again_at: Time) -> Result<bool, DbErr> {
        let Some(id) = order.job else { return Ok(true) };
        let begun = job::Entity::update_of(order.tenant)
            .col_expr(job::Column::Status, Expr::value(JobStatus::Running))
            .col_expr(job::Column::StartedAt, Expr::value(self.clock.now()))
            .col_expr(job::Column::RunAt, Expr::value(again_at))
            .col_expr(job::Column::Attempts, Expr::col(job::Column::Attempts).add(1))
            .filter(job::Column::Id.eq(id))
            .filter(job::Column::FinishedAt.is_null())
            .exec(self.database.connection())
            .await?;
        Ok(begun.rows_affected == 1)
    }

    /// Notes how a run ended; twice says the same.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn ended(
        &self,
        kind: JobKind,
        order: &AccountJob,
        attempt: i32,
        started_at: Time,
        result: &JobResult,
    ) -> Result<(), DbErr> {
        match order.job {
            Some(id) => self.update(order.tenant, id, result).await,
            None if leaves_a_row(result) => self.insert(kind, order, attempt, started_at, result).await,
            None => Ok(()),
        }
    }

    /// Deletes at most `most` ended jobs that ended before `keep` ago, the oldest first, and says how many.
    /// Open ones stay, however old. Safe from several processes at once.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn prune(&self, keep: Duration, most: u64) -> Result<u64, DbErr> {
        let Some(before) = TimeDelta::from_std(keep).ok() else {
            return Ok(0);
        };
        let mut old = job::Entity::across_tenants()
            .select_only()
            .column(job::Column::Id)
            .filter(job::Column::FinishedAt.lt(self.safe_time.now().await? - before))
            .order_by_asc(job::Column::FinishedAt)
            .limit(most)
            .into_query();
        old.lock_with_behavior(LockType::Update, LockBehavior::SkipLocked);
        let deleted = job::Entity::delete_across_tenants()
            .filter(job::Column::Id.in_subquery(old))
            .exec(self.database.connection())
            .await?
            .rows_affected;
        if deleted > 0 {
            metrics::counter!("vitrine_history_pruned_jobs_total").increment(deleted);
            tracing::debug!(jobs = deleted, "old jobs were forgotten");
        }
        Ok(deleted)
    }

    async fn update(&self, tenant: TenantId, id: JobId, result: &JobResult) -> Result<(), DbErr> {
        let row = Row::of(result, self.clock.now());
        let mut update = job::Entity::update_of(tenant)
            .col_expr(job::Column::Status, Expr::value(row.status))
            .col_expr(job::Column::RunAt, Expr::value(row.run_at))
            .col_expr(job::Column::FinishedAt, Expr::value(row.finished_at))
            .col_expr(job::Column::Error, Expr::value(row.error))
            .col_expr(job::Column::Result, Expr::value(row.result));
        if matches!(result, JobResult::Deferred { .. }) {
            update = update.col_expr(job::Column::Attempts, Expr::col(job::Column::Attempts).sub(1));
        }
        let open = job::Column::Id.eq(id).and(job::Column::FinishedAt.is_null());
        update
            .filter(open)
            .exec(self.database.connection())
            .await
            .map(drop)
    }

    async fn insert(
        &self,
        kind: JobKind,
        order: &AccountJob,
        attempt: i32,
        started_at: Time,
        result: &JobResult,
    ) -> Result<(), DbErr> {
        let row = Row::of(result, self.clock.now());
        let row = job::ActiveModel {
            id: Set(JobId::generate()),
            tenant_id: Set(order.tenant),
            account_id: Set(order.account),
            kind: Set(kind),
            status: Set(row.status),
            attempts: Set(attempt),
            queued_at: Set(order.due_at.unwrap_or(started_at)),
            run_at: Set(None),
            started_at: Set(Some(started_at)),
            finished_at: Set(Some(self.clock.now())),
            error: Set(row.error),
            result: Set(row.result),
        };
        row.insert(self.database.connection()).await.map(drop)
    }
}
