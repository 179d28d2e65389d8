//! Deletions by the operator's hand.

use super::{
    TaskError,
    requests::{lock, new_task, open},
};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, DbErr, ExprTrait, QueryFilter,
    sea_query::{Expr, SimpleExpr},
};
use vitrine_base::{
    clock::SharedClock,
    database::{Database, Transaction},
};
use vitrine_entity::{
    TenantId, TenantOwned, Time, api_key, session,
    tenant_task::{self, Column, TaskKind},
};

/// Orders deletions that nobody of the tenant asked for.
#[derive(Clone)]
pub struct OperatorDeletions {
    database: Database,
    clock: SharedClock,
}

/// A task that is due as soon as it is asked for.
pub(super) fn is_without_grace() -> SimpleExpr {
    Expr::col(Column::RunAt).lte(Expr::col(Column::CreatedAt))
}

/// Whether a deletion of the tenant has begun or is due at `now`. One that waits for the end of its grace does not
/// count.
///
/// # Errors
/// When the database fails.
pub async fn is_deletion_due(database: &Database, tenant: TenantId, now: Time) -> Result<bool, DbErr> {
    let task = open(database.connection(), tenant, TaskKind::Deletion).await?;
    Ok(task.is_some_and(|task| task.attempts > 0 || task.run_at.is_some_and(|begins| begins <= now)))
}

impl OperatorDeletions {
    /// The service over its parts.
    #[must_use]
    pub fn new(database: Database, clock: SharedClock) -> Self {
        Self { database, clock }
    }

    /// Orders the tenant's deletion without a time of grace and without emails. Its sign-ins and keys end now, the
    /// next worker does the rest. One that waits for its time of grace begins at once, one that has begun goes on. Twice
    /// is the same deletion.
    ///
    /// # Errors
    /// [`TaskError::NotFound`] when there is no such tenant.
    pub async fn delete_at_once(&self, tenant: TenantId) -> Result<(), TaskError> {
        let now = self.clock.now();
        let transaction = self.database.begin_write().await?;
        lock(&transaction, tenant).await?;
        end_access(&transaction, tenant, now).await?;
        match open(&transaction, tenant, TaskKind::Deletion).await? {
            Some(waiting) => {
                tenant_task::Entity::update_of(tenant)
                    .col_expr(Column::RunAt, Expr::value(Some(waiting.created_at)))
                    .filter(Column::Id.eq(waiting.id))
                    .filter(Column::Attempts.eq(0))
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

/// Processes that hold a key in memory are notified by the worker that deletes it.
async fn end_access(transaction: &Transaction, tenant: TenantId, now: Time) -> Result<(), DbErr> {
    session::Entity::update_of(tenant)
        .col_expr(session::Column::RevokedAt, Expr::value(Some(now)))
        .filter(session::Column::RevokedAt.is_null())
        .exec(transaction)
        .await?;
    api_key::Entity::update_of(tenant)
        .col_expr(api_key::Column::RevokedAt, Expr::value(Some(now)))
        .filter(api_key::Column::RevokedAt.is_null())
        .exec(transaction)
        .await
        .map(drop)
}

#[cfg(test)]
mod tests;
