//! The record, for the owner's eyes.

use super::{Actor, Deed, record};
use crate::{
    clock::SharedClock,
    database::Database,
    paging::{Cursors, Page, PageError, PageRequest},
    safe_time::SafeTime,
    security::MasterKey,
};
use chrono::TimeDelta;
use sea_orm::{
    ColumnTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
    sea_query::{LockBehavior, LockType},
};
use std::time::Duration;
use uuid::Uuid;
use vitrine_entity::{TenantId, TenantOwned, audit_event};

/// Which entries are asked for; all of it has to fit.
#[derive(Clone, Debug, Default)]
pub struct AuditFilter {
    /// By this person or key.
    pub actor: Option<Uuid>,
    /// Of this action.
    pub action: Option<String>,
    /// About this thing.
    pub target: Option<Uuid>,
}

/// Why the record could not be read.
#[derive(Debug, thiserror::Error)]
pub enum AuditError {
    /// The cursor was not made for this list.
    #[error("the cursor is not valid for this list")]
    BadCursor,
    /// The database failed.
    #[error("the audit log could not be read")]
    Database(#[source] DbErr),
}

impl From<PageError> for AuditError {
    fn from(error: PageError) -> Self {
        match error {
            PageError::BadCursor => Self::BadCursor,
            PageError::Database(cause) => Self::Database(cause),
        }
    }
}

/// Writes and lists what was done.
pub struct AuditLog {
    database: Database,
    safe_time: SafeTime,
    clock: SharedClock,
    cursors: Cursors,
}

impl AuditLog {
    /// The service over its parts.
    #[must_use]
    pub fn new(database: Database, clock: SharedClock, master: &MasterKey) -> Self {
        Self {
            safe_time: SafeTime::new(database.clone(), clock.clone()),
            database,
            clock,
            cursors: Cursors::new(master),
        }
    }

    /// Writes down a deed that is done already.
    ///
    /// # Errors
    /// When the database fails, or the tenant is gone.
    pub async fn record(&self, tenant: TenantId, actor: Actor, deed: Deed) -> Result<(), DbErr> {
        record(self.database.connection(), tenant, actor, deed, self.clock.now()).await
    }

    /// A tenant's entries, newest first.
    ///
    /// # Errors
    /// [`AuditError::BadCursor`].
    pub async fn list(
        &self,
        tenant: TenantId,
        filter: AuditFilter,
        page: PageRequest,
    ) -> Result<Page<audit_event::Model>, AuditError> {
        use audit_event::Column;
        let list = format!("audit-log:{tenant}");
        let mut select = audit_event::Entity::of(tenant);
        if let Some(actor) = filter.actor {
            select = select.filter(Column::ActorId.eq(actor));
        }
        if let Some(action) = filter.action {
            select = select.filter(Column::Action.eq(action));
        }
        if let Some(target) = filter.target {
            select = select.filter(Column::TargetId.eq(target));
        }
        let connection = self.database.connection();
        Ok(self
            .cursors
            .page_by_id(connection, &list, select, Column::Id, &page, |row| row.id.0)
            .await?)
    }

    /// Deletes at most `most` entries that are older than `keep`, the oldest first, and says how many. Safe from
    /// several processes at once.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn prune(&self, keep: Duration, most: u64) -> Result<u64, DbErr> {
        let Ok(keep) = TimeDelta::from_std(keep) else {
            return Ok(0);
        };
        let mut old = audit_event::Entity::find()
            .select_only()
            .column(audit_event::Column::Id)
            .filter(audit_event::Column::CreatedAt.lt(self.safe_time.now().await? - keep))
            .order_by_asc(audit_event::Column::CreatedAt)
            .limit(most)
            .into_query();
        old.lock_with_behavior(LockType::Update, LockBehavior::SkipLocked);
        let deleted = audit_event::Entity::delete_many()
            .filter(audit_event::Column::Id.in_subquery(old))
            .exec(self.database.connection())
            .await?;
        Ok(deleted.rows_affected)
    }
}
