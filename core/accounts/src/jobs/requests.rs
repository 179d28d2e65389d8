//! Jobs that somebody asks for out of turn.

use super::{JobQueue, QueuedJob};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, QueryFilter, sea_query::Expr,
};
use std::{sync::Arc, time::Duration};
use vitrine_base::{
    clock::{SharedClock, later},
    database::{Connection, is_duplicate},
};
use vitrine_entity::{
    AccountId, JobId, TenantId, TenantOwned,
    job::{self, JobKind, JobStatus},
};

/// A pushed job that nobody began by then is pushed again.
const PUSHED_AGAIN_AFTER: Duration = Duration::from_mins(1);

/// Writes down that a job is wanted, then pushes it.
#[derive(Clone)]
pub struct JobRequests {
    clock: SharedClock,
    queue: Arc<dyn JobQueue>,
}

impl JobRequests {
    /// The service over its parts.
    #[must_use]
    pub fn new(clock: SharedClock, queue: Arc<dyn JobQueue>) -> Self {
        Self { clock, queue }
    }

    /// Writes down that a job is wanted; the one that waits already is given back instead of a
    /// second one. [`JobRequests::push`] it after the commit.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn write(
        &self,
        connection: &impl ConnectionTrait,
        tenant: TenantId,
        account: AccountId,
        kind: JobKind,
    ) -> Result<job::Model, DbErr> {
        if let Some(waiting) = waiting(connection, tenant, account, kind).await? {
            return Ok(waiting);
        }
        let now = self.clock.now();
        let row = job::ActiveModel {
            id: Set(JobId::generate()),
            tenant_id: Set(tenant),
            account_id: Set(account),
            kind: Set(kind),
            status: Set(JobStatus::Queued),
            attempts: Set(0),
            queued_at: Set(now),
            run_at: Set(Some(later(now, PUSHED_AGAIN_AFTER))),
            started_at: Set(None),
            finished_at: Set(None),
            error: Set(None),
            result: Set(None),
        };
        row.insert(connection).await
    }

    /// The job of this kind that waits or runs for an account.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn waiting(
        &self,
        connection: &impl ConnectionTrait,
        tenant: TenantId,
        account: AccountId,
        kind: JobKind,
    ) -> Result<Option<job::Model>, DbErr> {
        waiting(connection, tenant, account, kind).await
    }

    /// Writes and pushes in one go.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn request(
        &self,
        connection: &Connection,
        tenant: TenantId,
        account: AccountId,
        kind: JobKind,
    ) -> Result<job::Model, DbErr> {
        let row = match self.write(connection, tenant, account, kind).await {
            Err(error) if is_duplicate(&error) => waiting(connection, tenant, account, kind)
                .await?
                .ok_or(DbErr::RecordNotInserted)?,
            other => other?,
        };
        self.push(connection, &row).await;
        Ok(row)
    }

    /// Hands a written job to the queue. When the queue is away nothing is lost: the row is due from then on, and the
    /// schedule finds it once the queue is back.
    pub async fn push(&self, connection: &impl ConnectionTrait, row: &job::Model) {
        let Err(error) = self.queue.push(&[QueuedJob::requested(row)]).await else {
            return;
        };
        tracing::warn!(error = %error, job.id = %row.id, "the queue is away; the schedule will find the job");
        if let Err(error) = self.make_due(connection, row).await {
            tracing::warn!(error = %error, job.id = %row.id, "could not make the job due; it will be found a minute later");
        }
    }

    /// Only while nobody began it: the queue may have taken the job without saying so.
    async fn make_due(&self, connection: &impl ConnectionTrait, row: &job::Model) -> Result<(), DbErr> {
        let update = job::Entity::update_of(row.tenant_id)
            .col_expr(job::Column::RunAt, Expr::value(self.clock.now()))
            .filter(job::Column::Id.eq(row.id))
            .filter(job::Column::Status.eq(JobStatus::Queued));
        update.exec(connection).await.map(drop)
    }
}

async fn waiting(
    connection: &impl ConnectionTrait,
    tenant: TenantId,
    account: AccountId,
    kind: JobKind,
) -> Result<Option<job::Model>, DbErr> {
    job::Entity::of(tenant)
        .filter(job::Column::AccountId.eq(account))
        .filter(job::Column::Kind.eq(kind))
        .filter(job::Column::FinishedAt.is_null())
        .one(connection)
        .await
}
