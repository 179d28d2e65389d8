//! Deletes everything that a tenant owns.

use super::{TaskError, leased_task::LeasedTask};
use sea_orm::{ColumnTrait, PaginatorTrait, QueryFilter, QuerySelect, QueryTrait, sea_query::Expr};
use vitrine_base::{clock::SharedClock, database::Database};
use vitrine_entity::{
    ApiKeyId, FeedId, InstallationOwned, TenantId, TenantOwned, Time, UserId, account, api_key, audit_event,
    feed, feed_item, job, media, membership, outbox, session, tenant, usage_day,
};
use vitrine_feeds::ChangeEvents;
use vitrine_limits::plans::lock_tenant;
use vitrine_people::identity::{delete_orphaned_users, lock_users};

/// Rows that one statement deletes.
const BATCH: u64 = 1_000;

/// Deletes tenants, in batches, so that no statement is long.
///
/// What shows the tenant to the outside goes first: sign-ins, keys, feeds. The row of the tenant goes last, with
/// the task itself; whatever was made meanwhile goes with it, by the references of the tables. Then nothing is
/// left to be tried again.
#[derive(Clone)]
pub struct TenantDeleter {
    database: Database,
    clock: SharedClock,
    changes: ChangeEvents,
}

/// Deletes the rows of a table that belong to a tenant and whose key is among the first.
macro_rules! batch {
    ($eraser:ident, $tenant:ident, $table:ident, $key:ident) => {{
        let first = $table::Entity::of($tenant)
            .select_only()
            .column($table::Column::$key)
            .limit(BATCH)
            .into_query();
        $table::Entity::delete_of($tenant)
            .filter($table::Column::$key.in_subquery(first))
            .exec($eraser.database.connection())
            .await?
            .rows_affected
    }};
}

/// The same, for rows of which somebody has to be notified: gives their ids, and how many are gone.
macro_rules! told_batch {
    ($eraser:ident, $tenant:ident, $table:ident, $id:ty) => {{
        let ids: Vec<$id> = $table::Entity::of($tenant)
            .select_only()
            .column($table::Column::Id)
            .limit(BATCH)
            .into_tuple()
            .all($eraser.database.connection())
            .await?;
        let deleted = $table::Entity::delete_of($tenant)
            .filter($table::Column::Id.is_in(ids.iter().copied()))
            .exec($eraser.database.connection())
            .await?;
        (ids, deleted.rows_affected)
    }};
}

/// The tables with many rows, children before parents.
#[derive(Clone, Copy)]
enum Table {
    ApiKeys,
    FeedItems,
    Feeds,
    Jobs,
    Media,
    Accounts,
    UsageDays,
    AuditEvents,
}

const TABLES: [Table; 8] = [
    Table::ApiKeys,
    Table::FeedItems,
    Table::Feeds,
    Table::Jobs,
    Table::Media,
    Table::Accounts,
    Table::UsageDays,
    Table::AuditEvents,
];

impl TenantDeleter {
    /// An eraser over its parts.
    #[must_use]
    pub fn new(database: Database, clock: SharedClock, changes: ChangeEvents) -> Self {
        Self {
            database,
            clock,
            changes,
        }
    }

    /// Deletes the tenant of a task that is held.
    pub(super) async fn erase(&self, leased: &LeasedTask) -> Result<(), TaskError> {
        let tenant = leased.task.tenant_id;
        self.end_sessions(tenant).await?;
        let (mut done, left) = (
            u64::try_from(leased.task.done).unwrap_or(0),
            self.count(tenant).await?,
        );
        let total = done + left;
        leased.progress(done, total).await?;
        for table in TABLES {
            loop {
                let deleted = self.batch(table, tenant).await?;
                if deleted == 0 {
                    break;
                }
                done += deleted;
                leased.progress(done, total).await?;
            }
        }
        self.finish(tenant).await?;
        tracing::info!(tenant.id = %tenant, rows = done, "a tenant was deleted");
        Ok(())
    }

    async fn end_sessions(&self, tenant: TenantId) -> Result<(), TaskError> {
        session::Entity::update_of(tenant)
            .col_expr(session::Column::RevokedAt, Expr::value(Some(self.clock.now())))
            .filter(session::Column::RevokedAt.is_null())
            .exec(self.database.connection())
            .await?;
        // No run shall begin meanwhile on what is about to go.
        account::Entity::update_of(tenant)
            .col_expr(account::Column::NextSyncAt, Expr::value(None::<Time>))
            .exec(self.database.connection())
            .await?;
        Ok(())
    }

    /// Every process is notified at once: a worker that dies later has done so.
    async fn keys(&self, tenant: TenantId) -> Result<u64, TaskError> {
        let (ids, deleted) = told_batch!(self, tenant, api_key, ApiKeyId);
        for id in ids {
            self.changes.key_ends(id).await;
        }
        Ok(deleted)
    }

    /// The same.
    async fn feeds(&self, tenant: TenantId) -> Result<u64, TaskError> {
        let (ids, deleted) = told_batch!(self, tenant, feed, FeedId);
        self.changes.publish(&ids).await;
        Ok(deleted)
    }

    async fn count(&self, tenant: TenantId) -> Result<u64, TaskError> {
        let database = self.database.connection();
        Ok(api_key::Entity::of(tenant).count(database).await?
            + feed_item::Entity::of(tenant).count(database).await?
            + feed::Entity::of(tenant).count(database).await?
            + job::Entity::of(tenant).count(database).await?
            + media::Entity::of(tenant).count(database).await?
            + account::Entity::of(tenant).count(database).await?
            + usage_day::Entity::of(tenant).count(database).await?
            + audit_event::Entity::of(tenant).count(database).await?)
    }

    async fn batch(&self, table: Table, tenant: TenantId) -> Result<u64, TaskError> {
        Ok(match table {
            Table::ApiKeys => self.keys(tenant).await?,
            Table::FeedItems => batch!(self, tenant, feed_item, MediaId),
            Table::Feeds => self.feeds(tenant).await?,
            Table::Jobs => batch!(self, tenant, job, Id),
            Table::Media => batch!(self, tenant, media, Id),
            Table::Accounts => batch!(self, tenant, account, Id),
            Table::UsageDays => batch!(self, tenant, usage_day, Day),
            Table::AuditEvents => batch!(self, tenant, audit_event, Id),
        })
    }

    /// The tenant's own row, what refers to it, and people who are members of nothing else.
    async fn finish(&self, tenant: TenantId) -> Result<(), TaskError> {
        let transaction = self.database.begin_write().await?;
        lock_tenant(&transaction, tenant).await?;
        let people: Vec<UserId> = membership::Entity::of(tenant)
            .select_only()
            .column(membership::Column::UserId)
            .into_tuple()
            .all(&transaction)
            .await?;
        outbox::Entity::delete_rows()
            .filter(outbox::Column::TenantId.eq(tenant))
            .exec(&transaction)
            .await?;
        lock_users(&transaction, &people).await?;
        tenant::Entity::delete_row(tenant).exec(&transaction).await?;
        delete_orphaned_users(&transaction, &people).await?;
        transaction.commit().await?;
        Ok(())
    }
}
