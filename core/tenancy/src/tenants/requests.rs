//! Tasks as owners ask for them and see them.

use super::{Exporter, Sink, TaskError, export_parts::Parts, export_slots::ExportSlots};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, QueryFilter, QueryOrder,
    sea_query::Expr,
};
use std::time::Duration;
use vitrine_base::{
    clock::{SharedClock, later},
    database::{Database, SafeTime},
    security::{KeyRing, Vault},
};
use vitrine_entity::{
    InstallationOwned, TaskId, TenantId, TenantOwned, Time,
    tenant_task::{self, TaskKind, TaskStatus},
};
use vitrine_limits::plans::{Limit, consume_daily};
use vitrine_people::{
    mail::{Outbox, SiteEvent},
    teams::Site,
};

/// Asks for exports and deletions, and takes deletions back.
pub struct TenantTasks {
    database: Database,
    clock: SharedClock,
    safe_time: SafeTime,
    exporter: Exporter,
    parts: Parts,
    outbox: Outbox,
    grace: Duration,
    slots: ExportSlots,
}

impl TenantTasks {
    /// The service over its parts; a deletion begins `grace` after it was asked for.
    #[must_use]
    pub fn new(database: Database, clock: SharedClock, ring: &KeyRing, grace: Duration) -> Self {
        Self {
            exporter: Exporter::new(database.clone(), clock.clone()),
            parts: Parts::new(database.clone(), ring),
            outbox: Outbox::new(&Vault::new(ring)),
            safe_time: SafeTime::new(database.clone(), clock.clone()),
            database,
            clock,
            grace,
            slots: ExportSlots::default(),
        }
    }

    /// Asks for an export; one that is waiting or under way is given back instead of a second one.
    ///
    /// # Errors
    /// [`TaskError::PlanLimit`].
    pub async fn request_export(&self, tenant: TenantId) -> Result<tenant_task::Model, TaskError> {
        let now = self.clock.now();
        self.request(tenant, TaskKind::Export, now, now).await
    }

    /// Asks for the tenant's deletion after the time of grace, and writes to its owners; twice is the same deletion.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn request_deletion(&self, tenant: TenantId) -> Result<tenant_task::Model, TaskError> {
        let asked = self.safe_time.start().await?;
        self.request(tenant, TaskKind::Deletion, asked, later(asked, self.grace))
            .await
    }

    /// Takes the tenant's deletion back, as long as it has not begun.
    ///
    /// # Errors
    /// [`TaskError::NothingToCancel`].
    pub async fn cancel_deletion(&self, tenant: TenantId) -> Result<(), TaskError> {
        use tenant_task::Column;
        let cancelled = tenant_task::Entity::update_of(tenant)
            .col_expr(Column::Status, Expr::value(TaskStatus::Cancelled))
            .col_expr(Column::RunAt, Expr::value(None::<Time>))
            .col_expr(Column::FinishedAt, Expr::value(Some(self.clock.now())))
            .filter(Column::Kind.eq(TaskKind::Deletion))
            .filter(Column::Status.eq(TaskStatus::Scheduled))
            .filter(Column::Attempts.eq(0))
            .exec(self.database.connection())
            .await?;
        match cancelled.rows_affected {
            0 => Err(TaskError::NothingToCancel),
            _ => Ok(()),
        }
    }

    /// The deletion that the tenant waits for.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn deletion(&self, tenant: TenantId) -> Result<Option<tenant_task::Model>, TaskError> {
        Ok(open(self.database.connection(), tenant, TaskKind::Deletion).await?)
    }

    /// One task of a kind.
    ///
    /// # Errors
    /// [`TaskError::NotFound`].
    pub async fn get(
        &self,
        tenant: TenantId,
        kind: TaskKind,
        id: TaskId,
    ) -> Result<tenant_task::Model, TaskError> {
        let row = tenant_task::Entity::of(tenant)
            .filter(tenant_task::Column::Id.eq(id))
            .filter(tenant_task::Column::Kind.eq(kind))
            .one(self.database.connection())
            .await?;
        row.ok_or(TaskError::NotFound)
    }

    /// Writes the tenant's document of this moment into `sink`.
    ///
    /// # Errors
    /// [`TaskError::Busy`] while this process writes another for the tenant, or as many others as it may,
    /// [`TaskError::PlanLimit`], [`TaskError::ReaderGone`] when it is read for too long; see [`Exporter::write`].
    pub async fn export_now(&self, tenant: TenantId, sink: impl Sink) -> Result<(), TaskError> {
        let writing = async {
            let (connection, now) = (self.database.connection(), self.clock.now());
            consume_daily(connection, tenant, Limit::ExportsPerDay, now).await??;
            self.exporter.write(tenant, sink).await
        };
        self.slots.with_slot(tenant, writing).await
    }

    /// Part `number` of the document of an export that succeeded; none behind the last.
    ///
    /// # Errors
    /// [`TaskError::NoDocument`] before it succeeded, and once it is not kept any more.
    pub async fn document_part(
        &self,
        task: &tenant_task::Model,
        number: i32,
    ) -> Result<Option<Vec<u8>>, TaskError> {
        let kept = task.expires_at.is_some_and(|end| self.clock.now() < end);
        if task.status != TaskStatus::Succeeded || !kept {
            return Err(TaskError::NoDocument);
        }
        self.parts.read(task.tenant_id, task.id, number).await
    }

    /// Of several at once one writes the row, because each first locks the tenant. Both times are by one clock: what
    /// begins no later than it was asked for has no grace.
    async fn request(
        &self,
        tenant: TenantId,
        kind: TaskKind,
        asked: Time,
        run_at: Time,
    ) -> Result<tenant_task::Model, TaskError> {
        let transaction = self.database.begin_write().await?;
        lock(&transaction, tenant).await?;
        if let Some(open) = open(&transaction, tenant, kind).await? {
            return Ok(open);
        }
        if kind == TaskKind::Export {
            consume_daily(&transaction, tenant, Limit::ExportsPerDay, self.clock.now()).await??;
        }
        let task = new_task(tenant, kind, asked, run_at).insert(&transaction).await?;
        if kind == TaskKind::Deletion {
            let news = SiteEvent::DeletionAsked { begins: run_at };
            let site = Site::of(&transaction, tenant).await?;
            site.notify_owners(&transaction, &self.outbox, &news, self.clock.now())
                .await?;
        }
        transaction.commit().await?;
        Ok(task)
    }
}

/// Takes the tenant's row, so that tasks of one tenant are asked for one after another.
pub(super) async fn lock(connection: &impl ConnectionTrait, tenant: TenantId) -> Result<(), TaskError> {
    use sea_orm::QuerySelect;
    let row = vitrine_entity::tenant::Entity::row(tenant)
        .lock_exclusive()
        .one(connection)
        .await?;
    row.map(drop).ok_or(TaskError::NotFound)
}

pub(super) async fn open(
    connection: &impl ConnectionTrait,
    tenant: TenantId,
    kind: TaskKind,
) -> Result<Option<tenant_task::Model>, DbErr> {
    tenant_task::Entity::of(tenant)
        .filter(tenant_task::Column::Kind.eq(kind))
        .filter(tenant_task::Column::RunAt.is_not_null())
        .order_by_desc(tenant_task::Column::Id)
        .one(connection)
        .await
}

pub(super) fn new_task(
    tenant: TenantId,
    kind: TaskKind,
    now: Time,
    run_at: Time,
) -> tenant_task::ActiveModel {
    tenant_task::ActiveModel {
        id: Set(TaskId::generate()),
        tenant_id: Set(tenant),
        kind: Set(kind),
        status: Set(TaskStatus::Scheduled),
        done: Set(0),
        total: Set(0),
        attempts: Set(0),
        created_at: Set(now),
        run_at: Set(Some(run_at)),
        lease_id: Set(None),
        finished_at: Set(None),
        expires_at: Set(None),
        error: Set(None),
    }
}

#[cfg(test)]
mod tests;
