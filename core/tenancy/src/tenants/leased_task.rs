//! A task that one run has to itself, and what that run writes about it.

use super::TaskError;
use sea_orm::{UpdateMany, sea_query::Expr};
use std::time::Duration;
use vitrine_base::{
    background::leased_work::{Backoff, LeasedRows},
    clock::{SharedClock, later},
    database::Database,
    error_chain::cause_chain,
};
use vitrine_entity::{
    LeaseId, TenantOwned, Time,
    tenant_task::{self, Column, TaskKind, TaskStatus},
};

/// Tasks and their leases: a task is due again when its lease ends.
pub(super) const TASKS: LeasedRows<tenant_task::Entity> = LeasedRows {
    key: Column::Id,
    due: Column::RunAt,
    holder: Some(Column::LeaseId),
    until: Column::RunAt,
};
/// A run that shows no progress for so long is begun again by another worker.
pub(super) const LEASE: Duration = Duration::from_mins(2);
/// Waits after failed runs.
const BACKOFF: Backoff = Backoff::new(Duration::from_secs(5), Duration::from_hours(1));
/// Runs of an export before it is given up. A deletion is never given up.
const EXPORT_RUNS: i32 = 8;

/// A task that this run holds.
pub(super) struct LeasedTask {
    database: Database,
    clock: SharedClock,
    pub(super) task: tenant_task::Model,
    lease: LeaseId,
}

impl LeasedTask {
    pub(super) fn new(
        database: Database,
        clock: SharedClock,
        task: tenant_task::Model,
        lease: LeaseId,
    ) -> Self {
        Self {
            database,
            clock,
            task,
            lease,
        }
    }

    /// Writes down how much is done, and holds the task for longer.
    ///
    /// # Errors
    /// [`TaskError::LeaseLost`] when another run has it.
    pub(super) async fn progress(&self, done: u64, total: u64) -> Result<(), TaskError> {
        let count = |rows: u64| i32::try_from(rows).unwrap_or(i32::MAX);
        let update = TASKS
            .extend(self.update(), later(self.clock.now(), LEASE))
            .col_expr(Column::Done, Expr::value(count(done)))
            .col_expr(Column::Total, Expr::value(count(total)));
        self.write(update).await
    }

    /// Writes down that the task is done.
    ///
    /// # Errors
    /// [`TaskError::LeaseLost`] when another run has it.
    pub(super) async fn finish(&self, expires_at: Option<Time>) -> Result<(), TaskError> {
        let update = self
            .update()
            .col_expr(Column::Status, Expr::value(TaskStatus::Succeeded))
            .col_expr(Column::RunAt, Expr::value(None::<Time>))
            .col_expr(Column::FinishedAt, Expr::value(Some(self.clock.now())))
            .col_expr(Column::ExpiresAt, Expr::value(expires_at))
            .col_expr(Column::Error, Expr::value(None::<String>));
        self.write(update).await
    }

    /// Writes down that the run failed, and when the task is tried again.
    ///
    /// # Errors
    /// When the database fails.
    pub(super) async fn failed(&self, error: &TaskError) -> Result<(), TaskError> {
        tracing::warn!(task.id = %self.task.id, tenant.id = %self.task.tenant_id, task.kind = ?self.task.kind,
            error = %cause_chain(error), "work on a tenant failed; it is tried again");
        let given_up = self.task.kind == TaskKind::Export && self.task.attempts >= EXPORT_RUNS;
        let now = self.clock.now();
        let (status, run_at, ended) = if given_up {
            (TaskStatus::Failed, None, Some(now))
        } else {
            let wait = BACKOFF.after(self.task.attempts.max(1).cast_unsigned());
            (TaskStatus::Scheduled, Some(later(now, wait)), None)
        };
        let update = self
            .update()
            .col_expr(Column::Status, Expr::value(status))
            .col_expr(Column::RunAt, Expr::value(run_at))
            .col_expr(Column::FinishedAt, Expr::value(ended))
            .col_expr(Column::Error, Expr::value(Some("temporarily_unavailable")));
        match self.write(update).await {
            Err(TaskError::LeaseLost) => Ok(()),
            other => other,
        }
    }

    fn update(&self) -> UpdateMany<tenant_task::Entity> {
        let update = tenant_task::Entity::update_of(self.task.tenant_id);
        TASKS.held(update, self.task.id, self.lease)
    }

    async fn write(&self, update: UpdateMany<tenant_task::Entity>) -> Result<(), TaskError> {
        match update.exec(self.database.connection()).await?.rows_affected {
            0 => Err(TaskError::LeaseLost),
            _ => Ok(()),
        }
    }
}
