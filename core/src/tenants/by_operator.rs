//! Deletions by the operator's hand.

use super::{
    TaskError,
    requests::{lock, new_task, open},
};
use crate::{clock::SharedClock, database::Database};
use sea_orm::{ActiveModelTrait, ColumnTrait, DbErr, QueryFilter, sea_query::Expr};
use vitrine_entity::{
    TenantId, TenantOwned,
    tenant_task::{self, TaskKind},
};

/// Orders deletions that nobody of the tenant asked for.
#[derive(Clone)]
pub struct OperatorDeletions {
    database: Database,
    clock: SharedClock,
}

/// Whether a deletion of the tenant was asked for, by its owner or an operator, and has not ended.
///
/// # Errors
/// When the database fails.
pub async fn awaits_deletion(database: &Database, tenant: TenantId) -> Result<bool, DbErr> {
    let task = open(database.connection(), tenant, TaskKind::Deletion).await?;
    Ok(task.is_some())
}

impl OperatorDeletions {
    /// The service over its parts.
    #[must_use]
    pub fn new(database: Database, clock: SharedClock) -> Self {
        Self { database, clock }
    }

    /// Orders the tenant's deletion without a time of grace and without letters; the next worker does it. One that
    /// waits for its time of grace begins at once, one that has begun goes on. Twice is the same deletion.
    ///
    /// # Errors
    /// [`TaskError::NotFound`] when there is no such tenant.
    pub async fn delete_at_once(&self, tenant: TenantId) -> Result<(), TaskError> {
        let now = self.clock.now();
        let transaction = self.database.begin_write().await?;
        lock(&transaction, tenant).await?;
        match open(&transaction, tenant, TaskKind::Deletion).await? {
            Some(waiting) => {
                tenant_task::Entity::update_of(tenant)
                    .col_expr(tenant_task::Column::RunAt, Expr::value(Some(now)))
                    .filter(tenant_task::Column::Id.eq(waiting.id))
                    .filter(tenant_task::Column::Attempts.eq(0))
                    .exec(&transaction)
                    .await?;
            }
            None => {
                new_task(tenant, TaskKind::Deletion, now, now)
                    .insert(&transaction)
                    .await?;
            }
        }
        transaction.commit().await?;
        Ok(())
    }
}
