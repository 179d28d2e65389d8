//! The history, for the owner's eyes.

use super::{JobError, JobFilter, JobRequests, history};
use crate::{
    clock::SharedClock,
    database::{Database, is_duplicate},
    paging::{Cursors, Page, PageRequest},
    security::MasterKey,
};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, IntoActiveModel, QueryFilter};
use vitrine_entity::{
    JobId, TenantId, TenantOwned,
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

    /// Queues a dead job again.
    ///
    /// # Errors
    /// [`JobError::NotFound`], [`JobError::NotDead`], [`JobError::AlreadyWaiting`].
    pub async fn retry(&self, tenant: TenantId, id: JobId) -> Result<job::Model, JobError> {
        let row = self.get(tenant, id).await?;
        if row.status != JobStatus::Dead {
            return Err(JobError::NotDead);
        }
        let mut row = row.into_active_model();
        row.status = Set(JobStatus::Queued);
        row.finished_at = Set(None);
        row.error = Set(None);
        row.run_at = Set(Some(self.clock.now()));
        let row = row.update(self.database.connection()).await.map_err(|error| {
            if is_duplicate(&error) {
                JobError::AlreadyWaiting
            } else {
                JobError::Database(error)
            }
        })?;
        self.requests.push(&row).await;
        Ok(row)
    }
}
