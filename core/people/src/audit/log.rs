//! The record, for the owner's eyes.

use super::{Actor, AuditEntry, record};
use chrono::TimeDelta;
use sea_orm::{
    ColumnTrait, DbErr, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
    sea_query::{LockBehavior, LockType},
};
use std::time::Duration;
use uuid::Uuid;
use vitrine_base::{
    clock::SharedClock,
    database::{Database, SafeTime},
    paging::{Cursors, Page, PageError, PageRequest},
    security::MasterKey,
};
use vitrine_entity::{TenantId, TenantOwned, audit_event};
use vitrine_limits::plans::{LimitReached, Purpose, may_change, record_change};

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
    /// Whoever asks has changed as much today as the plan allows.
    #[error(transparent)]
    PlanLimit(LimitReached),
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

    /// Whether somebody may change something more today, by the tenant's plan. Vitrine itself always may.
    ///
    /// # Errors
    /// [`AuditError::PlanLimit`].
    pub async fn may_change(
        &self,
        tenant: TenantId,
        actor: Actor,
        purpose: Purpose,
    ) -> Result<(), AuditError> {
        let Some(id) = actor.id() else {
            return Ok(());
        };
        let (connection, now) = (self.database.connection(), self.clock.now());
        let room = may_change(connection, tenant, id, purpose, now).await;
        room.map_err(AuditError::Database)?.map_err(AuditError::PlanLimit)
    }

    /// Writes down a deed that is done already, and counts it for whoever did it.
    ///
    /// # Errors
    /// When the database fails, or the tenant is gone.
    pub async fn record(&self, tenant: TenantId, actor: Actor, entry: AuditEntry) -> Result<(), DbErr> {
        let (connection, now) = (self.database.connection(), self.clock.now());
        record(connection, tenant, actor, entry, now).await?;
        match actor.id() {
            Some(id) => record_change(connection, tenant, id, now).await,
            None => Ok(()),
        }
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
        let mut old = audit_event::Entity::across_tenants()
            .select_only()
            .column(audit_event::Column::Id)
            .filter(audit_event::Column::CreatedAt.lt(self.safe_time.now().await? - keep))
            .order_by_asc(audit_event::Column::CreatedAt)
            .limit(most)
            .into_query();
        old.lock_with_behavior(LockType::Update, LockBehavior::SkipLocked);
        let deleted = audit_event::Entity::delete_across_tenants()
            .filter(audit_event::Column::Id.in_subquery(old))
            .exec(self.database.connection())
            .await?;
        Ok(deleted.rows_affected)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use vitrine_base::testing::{Bed, on_both_engines};
    use vitrine_entity::UserId;

    on_both_engines!(old_entries_are_forgotten);

    async fn old_entries_are_forgotten(bed: Bed) {
        let master = MasterKey::from_bytes([1; 32]);
        let log = AuditLog::new(bed.database.clone(), Arc::new(bed.clock.clone()), &master);
        let (tenant, keep) = (bed.tenant().await, Duration::from_hours(400 * 24));
        let ada = Actor::Person(UserId::generate());
        let entry = || AuditEntry::to("update_me", Uuid::now_v7());
        for _ in 0..3 {
            log.record(tenant, ada, entry()).await.unwrap();
        }

        assert_eq!(log.prune(keep, 2).await.unwrap(), 0);
        bed.clock.advance(keep + Duration::from_secs(1));
        log.record(tenant, ada, entry()).await.unwrap();
        assert_eq!(log.prune(keep, 2).await.unwrap(), 2);
        assert_eq!(log.prune(keep, 2).await.unwrap(), 1);

        let left = log.list(
            tenant,
            AuditFilter::default(),
            PageRequest {
                limit: 10,
                cursor: None,
            },
        );
        assert_eq!(left.await.unwrap().data.len(), 1);
    }
}
