//! Deleting what is stored about a person, in steps that a worker can be killed between.

use super::{
    accounts_of,
    deauthorize::{destroy_token, note},
    order_scope::{applies_to, drop_consent},
};
use crate::Reason;
use sea_orm::{
    ColumnTrait, Condition, DbErr, QueryFilter, QuerySelect,
    sea_query::{Expr, ExprTrait},
};
use std::time::Duration;
use vitrine_base::{
    background::leased_work::{Lease, LeasedRows},
    clock::{SharedClock, later},
    database::{Database, SafeTime, Transaction},
};
use vitrine_entity::{
    FeedId, InstallationOwned, MediaId, TenantOwned, Time, account,
    data_deletion::{Column, DeletionReason, Entity, Model},
    feed_account, media,
};
use vitrine_feeds::{ChangeEvents, mark_feeds_changed};

/// Orders and their leases. Two runs of one order do no harm: each step is a transaction that holds the account.
const ORDERS: LeasedRows<Entity> = LeasedRows {
    key: Column::Id,
    due: Column::NotBefore,
    holder: None,
    until: Column::LeaseUntil,
};
/// A deletion whose worker died is taken up by another one after this time.
const LEASE: Duration = Duration::from_secs(30);
/// Posts of one transaction.
const POSTS_AT_ONCE: u64 = 500;

/// Why a deletion was not done.
#[derive(Debug, thiserror::Error)]
pub enum DeletionError {
    /// It is not known whether one is due.
    #[error("cannot look for deletions that are due: {0}")]
    NotFound(DbErr),
    /// One had begun, and is gone on with.
    #[error("a deletion was interrupted: {0}")]
    Interrupted(DbErr),
}

/// Does what deletions order; any number of workers may.
#[derive(Clone)]
pub struct Deletions {
    database: Database,
    safe_time: SafeTime,
    clock: SharedClock,
    changes: ChangeEvents,
}

/// Days of waiting that end early cannot be given back. What was begun, or asked for at once, waits for nothing.
fn may_begin(safe: Time) -> Condition {
    Condition::any()
        .add(Column::Reason.eq(DeletionReason::Requested))
        .add(Column::StartedAt.is_not_null())
        .add(Column::NotBefore.lte(safe))
}

impl Deletions {
    /// The service over its parts.
    #[must_use]
    pub fn new(database: Database, clock: SharedClock, changes: ChangeEvents) -> Self {
        Self {
            safe_time: SafeTime::new(database.clone(), clock.clone()),
            database,
            clock,
            changes,
        }
    }

    /// Does the deletion that is due for longest to its end; false when none is due. What a killed worker began is
    /// gone on with where it ended.
    ///
    /// # Errors
    /// When the database fails; the deletion is then taken up again.
    pub async fn next(&self) -> Result<bool, DeletionError> {
        let Some(order) = self.claim().await.map_err(DeletionError::NotFound)? else {
            return Ok(false);
        };
        self.carry_out(order).await.map_err(DeletionError::Interrupted)?;
        Ok(true)
    }

    async fn carry_out(&self, order: Model) -> Result<(), DbErr> {
        let user = order.platform_user_id.clone().unwrap_or_default();
        let mut kept = 0;
        for account in accounts_of(self.database.connection(), &user).await? {
            let deleted = applies_to(self.database.connection(), &order, &account).await?
                && self.delete(&order, &account).await?;
            kept += i32::from(!deleted);
        }
        self.finish(&order, kept).await
    }

    async fn claim(&self) -> Result<Option<Model>, DbErr> {
        let (now, connection) = (self.clock.now(), self.database.connection());
        let due = ORDERS
            .due(now)
            .filter(Column::FinishedAt.is_null())
            .filter(may_begin(self.safe_time.now().await?));
        if !ORDERS.is_any(due.clone(), connection).await? {
            return Ok(None);
        }
        let claimed = ORDERS
            .claim(due, 1, Lease::begin(now, LEASE), connection)
            .col_expr(Column::StartedAt, Expr::col(Column::StartedAt).if_null(now))
            .exec_with_returning(connection)
            .await?;
        Ok(claimed.into_iter().next())
    }

    /// False when somebody consented anew before it began, or while it runs.
    async fn delete(&self, order: &Model, account: &account::Model) -> Result<bool, DbErr> {
        if !self.take_from_feeds(order, account).await? {
            return Ok(false);
        }
        loop {
            match self.delete_posts(order, account).await? {
                None => return Ok(false),
                Some(0) => return self.delete_account(order, account).await,
                Some(_) => {}
            }
        }
    }

    async fn delete_account(&self, order: &Model, account: &account::Model) -> Result<bool, DbErr> {
        let transaction = self.database.begin_write().await?;
        if !drop_consent(&transaction, account, order.meant_until).await? {
            return Ok(false);
        }
        let feeds = leave_feeds(&transaction, account, self.clock.now()).await?;
        let gone = account::Entity::delete_of(account.tenant_id)
            .filter(account::Column::Id.eq(account.id))
            .exec(&transaction)
            .await?;
        if gone.rows_affected > 0 {
            note(
                &transaction,
                account,
                "account.deleted_by_request",
                self.clock.now(),
            )
            .await?;
            self.count(&transaction, order, Column::AccountsDeleted, 1)
                .await?;
        }
        transaction.commit().await?;
        self.changes.publish(&feeds).await;
        tracing::info!(account.id = %account.id, tenant.id = %account.tenant_id, "an account was deleted at its person's request");
        Ok(true)
    }

    /// No visitor sees the posts any more, and no call is made.
    async fn take_from_feeds(&self, order: &Model, account: &account::Model) -> Result<bool, DbErr> {
        let (transaction, now) = (self.database.begin_write().await?, self.clock.now());
        let reason = match order.reason {
            DeletionReason::Requested => Reason::DeletionRequested,
            DeletionReason::Deauthorized => Reason::AppRemoved,
        };
        if !destroy_token(&transaction, account, order.meant_until, reason, now).await? {
            return Ok(false);
        }
        let feeds = leave_feeds(&transaction, account, now).await?;
        transaction.commit().await?;
        self.changes.publish(&feeds).await;
        Ok(true)
    }

    /// How many are gone with this step; nothing once somebody consented anew.
    async fn delete_posts(&self, order: &Model, account: &account::Model) -> Result<Option<u64>, DbErr> {
        let transaction = self.database.begin_write().await?;
        if !drop_consent(&transaction, account, order.meant_until).await? {
            return Ok(None);
        }
        let feeds = leave_feeds(&transaction, account, self.clock.now()).await?;
        let ids: Vec<MediaId> = media::Entity::of(account.tenant_id)
            .select_only()
            .column(media::Column::Id)
            .filter(media::Column::AccountId.eq(account.id))
            .limit(POSTS_AT_ONCE)
            .into_tuple()
            .all(&transaction)
            .await?;
        let gone = media::Entity::delete_of(account.tenant_id)
            .filter(media::Column::Id.is_in(ids))
            .exec(&transaction)
            .await?
            .rows_affected;
        forget_what_was_listed(&transaction, account).await?;
        self.count(&transaction, order, Column::MediaDeleted, gone)
            .await?;
        transaction.commit().await?;
        self.changes.publish(&feeds).await;
        Ok(Some(gone))
    }

    /// Counts what is gone in the transaction that deletes it, and keeps the deletion to this worker.
    async fn count(
        &self,
        transaction: &Transaction,
        order: &Model,
        column: Column,
        gone: u64,
    ) -> Result<(), DbErr> {
        let gone = i32::try_from(gone).unwrap_or(i32::MAX);
        let of_order = ORDERS.held(Entity::update_rows(), order.id, None);
        ORDERS
            .extend(of_order, later(self.clock.now(), LEASE))
            .col_expr(column, Expr::col(column).add(gone))
            .exec(transaction)
            .await
            .map(drop)
    }

    /// Even whose data it was is forgotten.
    async fn finish(&self, order: &Model, kept: i32) -> Result<(), DbErr> {
        Entity::update_rows()
            .col_expr(Column::AccountsKept, Expr::value(kept))
            .col_expr(Column::FinishedAt, Expr::value(self.clock.now()))
            .col_expr(Column::PlatformUserId, Expr::value(None::<String>))
            .filter(Column::Id.eq(order.id))
            .filter(Column::FinishedAt.is_null())
            .exec(self.database.connection())
            .await
            .map(drop)
    }
}

/// Takes an account out of every feed, also of those that its owner has put it into since the deletion began; gives the
/// feeds, whose readers have to be notified.
async fn leave_feeds(
    transaction: &Transaction,
    account: &account::Model,
    now: Time,
) -> Result<Vec<FeedId>, DbErr> {
    let feeds = mark_feeds_changed(transaction, account, now).await?;
    feed_account::Entity::delete_of(account.tenant_id)
        .filter(feed_account::Column::AccountId.eq(account.id))
        .exec(transaction)
        .await?;
    Ok(feeds)
}

/// Who is connected anew while posts go gets all of them with the next sync.
async fn forget_what_was_listed(transaction: &Transaction, account: &account::Model) -> Result<(), DbErr> {
    account::Entity::update_of(account.tenant_id)
        .col_expr(account::Column::ListedAt, Expr::value(None::<Time>))
        .col_expr(account::Column::MediaDigest, Expr::value(None::<String>))
        .filter(account::Column::Id.eq(account.id))
        .exec(transaction)
        .await
        .map(drop)
}
