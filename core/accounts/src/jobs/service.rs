//! The history, for the owner's eyes.

use super::{JobError, JobFilter, JobRequests, history, is_paused};
use sea_orm::{ColumnTrait, QueryFilter, sea_query::Expr};
use vitrine_base::{
    clock::SharedClock,
    database::{Database, is_duplicate},
    paging::{Cursors, Page, PageRequest},
    security::MasterKey,
};
use vitrine_entity::{
    JobId, TenantId, TenantOwned, Time,
    job::{self, JobStatus},
};

/// Lists jobs and drives dead ones again.
pub struct Jobs {
    database: Database,
    clock: SharedClock,
    cursors: Cursors,
    requests: JobRequests,
}

impl Jobs {
    /// The service over its parts.
    #[must_use]
    pub fn new(database: Database, clock: SharedClock, master: &MasterKey, requests: JobRequests) -> Self {
        Self {
            database,
            clock,
            cursors: Cursors::new(master),
            requests,
        }
    }

    /// A tenant's jobs, newest first.
    ///
    /// # Errors
    /// [`JobError::BadCursor`].
    pub async fn list(
        &self,
        tenant: TenantId,
        filter: JobFilter,
        page: PageRequest,
    ) -> Result<Page<job::Model>, JobError> {
        let list = format!("jobs:{tenant}");
        let select = history::select(tenant, filter);
        let connection = self.database.connection();
        Ok(self
            .cursors
            .page_by_id(connection, &list, select, job::Column::Id, &page, |row| row.id.0)
            .await?)
    }

    /// One job.
    ///
    /// # Errors
    /// [`JobError::NotFound`].
    pub async fn get(&self, tenant: TenantId, id: JobId) -> Result<job::Model, JobError> {
        let row = job::Entity::of(tenant)
            .filter(job::Column::Id.eq(id))
            .one(self.database.connection())
            .await?;
        row.ok_or(JobError::NotFound)
    }

    /// Queues a dead job again. Of several who ask at once, one does it and all get the same answer.
    ///
    /// # Errors
    /// [`JobError::NotFound`], [`JobError::NotDead`], [`JobError::AlreadyWaiting`], [`JobError::SchedulePaused`].
    pub async fn retry(&self, tenant: TenantId, id: JobId) -> Result<job::Model, JobError> {
        if self.get(tenant, id).await?.status != JobStatus::Dead {
            return Err(JobError::NotDead);
        }
        if is_paused(self.database.connection(), tenant).await? {
            return Err(JobError::SchedulePaused);
        }
        if !self.reopen(tenant, id).await? {
            return self.reopened_by_another(tenant, id).await;
        }
        let row = self.get(tenant, id).await?;
        self.requests.push(self.database.connection(), &row).await;
        Ok(row)
    }

    /// Only while it is still dead: what was tried again meanwhile may have ended already.
    async fn reopen(&self, tenant: TenantId, id: JobId) -> Result<bool, JobError> {
        let update = job::Entity::update_of(tenant)
            .col_expr(job::Column::Status, Expr::value(JobStatus::Queued))
            .col_expr(job::Column::FinishedAt, Expr::value(None::<Time>))
            .col_expr(job::Column::Error, Expr::value(None::<String>))
            .col_expr(job::Column::RunAt, Expr::value(self.clock.now()))
            .filter(job::Column::Id.eq(id))
            .filter(job::Column::Status.eq(JobStatus::Dead));
        match update.exec(self.database.connection()).await {
            Ok(written) => Ok(written.rows_affected == 1),
            Err(error) if is_duplicate(&error) => Err(JobError::AlreadyWaiting),
            Err(error) => Err(error.into()),
        }
    }

    async fn reopened_by_another(&self, tenant: TenantId, id: JobId) -> Result<job::Model, JobError> {
        let row = self.get(tenant, id).await?;
        match row.status {
            JobStatus::Dead => Err(JobError::NotDead),
            _ => Ok(row),
        }
    }
}
