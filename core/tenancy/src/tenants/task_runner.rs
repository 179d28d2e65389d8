//! The worker's side: claiming tasks that are due, and doing them.

use super::{
    Exporter, Sink, TaskError, TenantDeleter,
    export_parts::Parts,
    leased_task::{LEASE, LeasedTask, TASKS},
    operator_deletion::is_without_grace,
};
use chrono::TimeDelta;
use sea_orm::{
    ColumnTrait, Condition, DbErr, ExprTrait, QueryFilter, QuerySelect, QueryTrait, sea_query::Expr,
};
use std::time::Duration;
use vitrine_base::{
    background::leased_work::Lease,
    clock::{SharedClock, later},
    database::{Database, SafeTime},
    security::KeyRing,
};
use vitrine_entity::{
    TenantOwned, Time,
    tenant_task::{self, TaskKind, TaskStatus},
};

/// How long a document is kept.
const DOCUMENT_KEPT: Duration = Duration::from_hours(24);
/// How long a task is kept that left no document.
const KEPT_FOR: TimeDelta = TimeDelta::days(7);

/// Does tenants' tasks, one at a time.
#[derive(Clone)]
pub struct TaskRunner {
    database: Database,
    clock: SharedClock,
    safe_time: SafeTime,
    exporter: Exporter,
    parts: Parts,
    eraser: TenantDeleter,
}

/// A grace that ends early cannot be given back. What was begun, or ordered without a grace, waits for nothing.
fn may_begin(safe: Time) -> Condition {
    use tenant_task::Column;
    Condition::any()
        .add(Column::Kind.ne(TaskKind::Deletion))
        .add(Column::Attempts.gt(0))
        .add(is_without_grace())
        .add(Column::RunAt.lte(safe))
}

impl TaskRunner {
    /// A runner over its parts.
    #[must_use]
    pub fn new(database: Database, clock: SharedClock, ring: &KeyRing, eraser: TenantDeleter) -> Self {
        Self {
            exporter: Exporter::new(database.clone(), clock.clone()),
            parts: Parts::new(database.clone(), ring),
            eraser,
            safe_time: SafeTime::new(database.clone(), clock.clone()),
            database,
            clock,
        }
    }

    /// Claims the task that is due longest and does it; gives whether there was one. Safe from several workers
    /// at once, and to be dropped at any moment: the task is begun again when its lease ends.
    ///
    /// # Errors
    /// When the database fails. What fails in the task itself is written down and tried again later.
    pub async fn run_due(&self) -> Result<bool, TaskError> {
        let Some(leased) = self.claim().await? else {
            return Ok(false);
        };
        let outcome = match leased.task.kind {
            TaskKind::Export => self.export(&leased).await,
            TaskKind::Deletion => self.eraser.erase(&leased).await,
        };
        match outcome {
            Ok(()) | Err(TaskError::LeaseLost) => {}
            Err(error) => leased.failed(&error).await?,
        }
        Ok(true)
    }

    /// Deletes ended tasks whose documents are not kept any more, and after a week those that never had one, at most
    /// `most`; gives how many.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn prune(&self, most: u64) -> Result<u64, DbErr> {
        use tenant_task::{Column, Entity};
        let now = self.safe_time.now().await?;
        let without_document = Condition::all()
            .add(Column::ExpiresAt.is_null())
            .add(Column::RunAt.is_null())
            .add(Column::FinishedAt.lt(now - KEPT_FOR));
        let over = Entity::across_tenants()
            .select_only()
            .column(Column::Id)
            .filter(
                Condition::any()
                    .add(Column::ExpiresAt.lt(now))
                    .add(without_document),
            )
            .limit(most)
            .into_query();
        let deleted = Entity::delete_across_tenants()
            .filter(Column::Id.in_subquery(over))
            .exec(self.database.connection())
            .await?;
        Ok(deleted.rows_affected)
    }

    async fn claim(&self) -> Result<Option<LeasedTask>, TaskError> {
        use tenant_task::Column;
        let now = self.clock.now();
        let due = TASKS.due(now).filter(may_begin(self.safe_time.now().await?));
        let (lease, connection) = (Lease::begin(now, LEASE), self.database.connection());
        let claimed = TASKS
            .claim(due, 1, lease, connection)
            .col_expr(Column::Status, Expr::value(TaskStatus::Running))
            .col_expr(Column::Attempts, Expr::col(Column::Attempts).add(1))
            .exec_with_returning(connection)
            .await?;
        let task = claimed.into_iter().next();
        Ok(task.map(|task| LeasedTask::new(self.database.clone(), self.clock.clone(), task, lease.id)))
    }

    async fn export(&self, leased: &LeasedTask) -> Result<(), TaskError> {
        let (tenant, task) = (leased.task.tenant_id, leased.task.id);
        self.parts.clear(tenant, task).await?;
        let sink = PartWriter {
            parts: &self.parts,
            leased,
            number: 0,
        };
        self.exporter.write(tenant, sink).await?;
        let kept_until = later(self.safe_time.start().await?, DOCUMENT_KEPT);
        leased.finish(Some(kept_until)).await
    }
}

/// Keeps the parts of a document for its owner to fetch.
struct PartWriter<'a> {
    parts: &'a Parts,
    leased: &'a LeasedTask,
    number: i32,
}

impl Sink for PartWriter<'_> {
    async fn put(&mut self, part: Vec<u8>, done: u64, total: u64) -> Result<(), TaskError> {
        let task = &self.leased.task;
        self.parts
            .write(task.tenant_id, task.id, self.number, &part)
            .await?;
        self.number += 1;
        self.leased.progress(done, total).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tenants::TenantTasks;
    use sea_orm::PaginatorTrait;
    use std::sync::Arc;
    use vitrine_base::{
        security::MasterKey,
        testing::{Bed, on_both_engines},
    };
    use vitrine_entity::TenantOwned;
    use vitrine_feeds::ChangeEvents;

    on_both_engines!(tasks_that_left_nothing_are_forgotten);

    async fn tasks_that_left_nothing_are_forgotten(bed: Bed) {
        let clock: SharedClock = Arc::new(bed.clock.clone());
        let ring = KeyRing::from_master_key(&MasterKey::from_bytes([1; 32]), clock.clone());
        let (database, day) = (bed.database.clone(), Duration::from_hours(24));
        let asked = TenantTasks::new(database.clone(), clock.clone(), &ring, day * 30);
        let eraser = TenantDeleter::new(database.clone(), clock.clone(), ChangeEvents::in_process());
        let runner = TaskRunner::new(database, clock, &ring, eraser);
        let tenant = bed.tenant().await;
        for _ in 0..2 {
            asked.request_deletion(tenant).await.unwrap();
            asked.cancel_deletion(tenant).await.unwrap();
        }
        asked.request_deletion(tenant).await.unwrap();

        bed.clock.advance(day * 6);
        assert_eq!(runner.prune(10).await.unwrap(), 0);
        bed.clock.advance(day * 2);
        assert_eq!(runner.prune(10).await.unwrap(), 2);

        let left = tenant_task::Entity::of(tenant).count(bed.database.connection());
        assert_eq!(left.await.unwrap(), 1, "the one that waits");
    }
}
