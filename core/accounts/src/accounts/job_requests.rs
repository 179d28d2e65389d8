//! Jobs that an owner asks for out of turn.

use super::{AccountError, Accounts};
use crate::jobs::is_paused;
use vitrine_entity::{
    AccountId, TenantId,
    account::AccountStatus,
    job::{self, JobKind},
};
use vitrine_limits::plans::{self, Limit};

impl Accounts {
    /// Queues a sync; asked twice while one waits, the same job is answered.
    ///
    /// # Errors
    /// [`AccountError::NotFound`], [`AccountError::NeedsReconnect`], [`AccountError::Paused`],
    /// [`AccountError::SchedulePaused`], [`AccountError::PlanLimit`].
    pub async fn request_sync(&self, tenant: TenantId, id: AccountId) -> Result<job::Model, AccountError> {
        if self.find(tenant, id).await?.status == AccountStatus::Paused {
            return Err(AccountError::Paused);
        }
        self.request(tenant, id, JobKind::SyncMedia).await
    }

    /// Queues a refresh of the token; asked twice while one waits, the same job is answered.
    ///
    /// # Errors
    /// [`AccountError::NotFound`], [`AccountError::NeedsReconnect`], [`AccountError::SchedulePaused`].
    pub async fn request_refresh(&self, tenant: TenantId, id: AccountId) -> Result<job::Model, AccountError> {
        self.request(tenant, id, JobKind::RefreshToken).await
    }

    async fn request(
        &self,
        tenant: TenantId,
        id: AccountId,
        kind: JobKind,
    ) -> Result<job::Model, AccountError> {
        if self.find(tenant, id).await?.status == AccountStatus::NeedsReconnect {
            return Err(AccountError::NeedsReconnect);
        }
        if is_paused(self.database.connection(), tenant).await? {
            return Err(AccountError::SchedulePaused);
        }
        let connection = self.database.connection();
        let waiting = self.requests.waiting(connection, tenant, id, kind).await?;
        if kind == JobKind::SyncMedia && waiting.is_none() {
            plans::consume_daily(connection, tenant, Limit::SyncsPerDay, self.clock.now()).await??;
        }
        Ok(self.requests.request(connection, tenant, id, kind).await?)
    }
}
