//! Feeds, for their owner's eyes and hands.

pub(super) mod item_evaluator;
mod items;

use crate::{
    ChangeEvents, FeedError, FeedSettings, content::reading::find_feed, settings::feed_settings::new_feed,
};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel,
    QueryFilter, QueryOrder, QuerySelect, sea_query::LockType,
};
use std::collections::{HashMap, HashSet};
use vitrine_base::{
    clock::SharedClock,
    database::Database,
    paging::{Cursors, Page, PageRequest},
    security::MasterKey,
    validation::Check,
};
use vitrine_entity::{AccountId, FeedId, TenantId, TenantOwned, account, feed, feed_account};
use vitrine_limits::plans::{self, Limit};

/// A feed and the accounts that it shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeedDetail {
    /// The feed.
    pub feed: feed::Model,
    /// Its accounts.
    pub account_ids: Vec<AccountId>,
}

/// Looks after feeds.
pub struct Feeds {
    database: Database,
    clock: SharedClock,
    cursors: Cursors,
    changes: ChangeEvents,
}

impl Feeds {
    /// The service over its parts.
    #[must_use]
    pub fn new(database: Database, clock: SharedClock, master: &MasterKey, changes: ChangeEvents) -> Self {
        Self {
            database,
            clock,
            cursors: Cursors::new(master),
            changes,
        }
    }

    /// A tenant's feeds, newest first.
    ///
    /// # Errors
    /// [`FeedError::BadCursor`].
    pub async fn list(&self, tenant: TenantId, page: PageRequest) -> Result<Page<FeedDetail>, FeedError> {
        let (list, select) = (format!("feeds:{tenant}"), feed::Entity::of(tenant));
        let connection = self.database.connection();
        let page = self
            .cursors
            .page_by_id(connection, &list, select, feed::Column::Id, &page, |row| row.id.0)
            .await?;
        let ids = page.data.iter().map(|feed| feed.id).collect();
        let mut members = members(connection, tenant, ids).await?;
        Ok(page.map(|feed| FeedDetail {
            account_ids: members.remove(&feed.id).unwrap_or_default(),
            feed,
        }))
    }

    /// One feed.
    ///
    /// # Errors
    /// [`FeedError::NotFound`].
    pub async fn get(&self, tenant: TenantId, id: FeedId) -> Result<FeedDetail, FeedError> {
        let connection = self.database.connection();
        detail(connection, find_feed(connection, tenant, id).await?).await
    }

    /// Makes a feed. Twice makes two.
    ///
    /// # Errors
    /// [`FeedError::Invalid`], also for an account that the tenant does not have; [`FeedError::PlanLimit`].
    pub async fn create(&self, tenant: TenantId, settings: FeedSettings) -> Result<FeedDetail, FeedError> {
        let blank = new_feed(tenant, "", self.clock.now());
        let feed = settings.apply(blank).map_err(FeedError::Invalid)?;
        let transaction = self.database.begin_write().await?;
        plans::check_limit(&transaction, tenant, Limit::Feeds, self.clock.now()).await??;
        let wanted = settings.account_ids.as_deref();
        let account_ids = check_accounts(&transaction, tenant, wanted).await?;
        let feed = feed.into_active_model().reset_all().insert(&transaction).await?;
        set_members(&transaction, &feed, &account_ids).await?;
        transaction.commit().await?;
        self.changes.publish_feeds_of(tenant).await;
        Ok(FeedDetail { feed, account_ids })
    }

    /// Changes what the settings name; with nothing named nothing happens. Changes at once are made
    /// one after the other.
    ///
    /// # Errors
    /// [`FeedError::NotFound`], [`FeedError::Invalid`].
    pub async fn update(
        &self,
        tenant: TenantId,
        id: FeedId,
        settings: FeedSettings,
    ) -> Result<FeedDetail, FeedError> {
        let transaction = self.database.begin_write().await?;
        let found = find_feed(&transaction, tenant, id).await?;
        settings.apply(found).map_err(FeedError::Invalid)?;
        // Accounts before the feed, as whoever deletes an account holds them.
        let account_ids = match settings.account_ids.as_deref() {
            None => None,
            wanted => Some(check_accounts(&transaction, tenant, wanted).await?),
        };
        let before = detail(&transaction, lock_feed(&transaction, tenant, id).await?).await?;
        let feed = settings.apply(before.feed.clone()).map_err(FeedError::Invalid)?;
        let account_ids = account_ids.unwrap_or_else(|| before.account_ids.clone());
        let after = FeedDetail { feed, account_ids };
        if after == before {
            return Ok(before);
        }
        if after.account_ids != before.account_ids {
            set_members(&transaction, &after.feed, &after.account_ids).await?;
        }
        let feed = self.save(&transaction, after.feed).await?;
        transaction.commit().await?;
        self.changes.publish(&[id]).await;
        Ok(FeedDetail { feed, ..after })
    }

    /// Deletes a feed, and what was decided about single posts in it. The posts stay.
    ///
    /// # Errors
    /// [`FeedError::NotFound`].
    pub async fn delete(&self, tenant: TenantId, id: FeedId) -> Result<(), FeedError> {
        let deleted = feed::Entity::delete_of(tenant)
            .filter(feed::Column::Id.eq(id))
            .exec(self.database.connection())
            .await?;
        if deleted.rows_affected == 0 {
            return Err(FeedError::NotFound);
        }
        self.changes.publish(&[id]).await;
        self.changes.publish_feeds_of(tenant).await;
        Ok(())
    }

    /// Writes a feed as its next version.
    async fn save(
        &self,
        connection: &impl ConnectionTrait,
        mut feed: feed::Model,
    ) -> Result<feed::Model, DbErr> {
        let now = self.clock.now();
        feed.version += 1;
        (feed.content_changed_at, feed.updated_at) = (now, now);
        feed.into_active_model().reset_all().update(connection).await
    }
}

/// A tenant's feed, kept from other changes until the transaction ends.
async fn lock_feed(
    connection: &impl ConnectionTrait,
    tenant: TenantId,
    id: FeedId,
) -> Result<feed::Model, FeedError> {
    let feed = feed::Entity::of(tenant)
        .filter(feed::Column::Id.eq(id))
        .lock_exclusive()
        .one(connection)
        .await?;
    feed.ok_or(FeedError::NotFound)
}

async fn detail(connection: &impl ConnectionTrait, feed: feed::Model) -> Result<FeedDetail, FeedError> {
    let mut members = members(connection, feed.tenant_id, vec![feed.id]).await?;
    Ok(FeedDetail {
        account_ids: members.remove(&feed.id).unwrap_or_default(),
        feed,
    })
}

async fn members(
    connection: &impl ConnectionTrait,
    tenant: TenantId,
    feeds: Vec<FeedId>,
) -> Result<HashMap<FeedId, Vec<AccountId>>, DbErr> {
    let rows = feed_account::Entity::of(tenant)
        .filter(feed_account::Column::FeedId.is_in(feeds))
        .order_by_asc(feed_account::Column::AccountId)
        .all(connection)
        .await?;
    let mut members: HashMap<FeedId, Vec<AccountId>> = HashMap::new();
    for row in rows {
        members.entry(row.feed_id).or_default().push(row.account_id);
    }
    Ok(members)
}

/// The accounts that are wanted, in the order of their ids and each once; all of the tenant's where
/// none are named. They are kept from being deleted until the transaction ends.
async fn check_accounts(
    connection: &impl ConnectionTrait,
    tenant: TenantId,
    wanted: Option<&[AccountId]>,
) -> Result<Vec<AccountId>, FeedError> {
    let mut select = account::Entity::of(tenant);
    if let Some(wanted) = wanted {
        select = select.filter(account::Column::Id.is_in(wanted.iter().copied()));
    }
    let select = select.order_by_asc(account::Column::Id).lock(LockType::KeyShare);
    let rows = select.all(connection).await?;
    let known: Vec<AccountId> = rows.into_iter().map(|row| row.id).collect();
    let lookup: HashSet<AccountId> = known.iter().copied().collect();
    let mut check = Check::default();
    for (index, id) in wanted.unwrap_or_default().iter().enumerate() {
        if !lookup.contains(id) {
            let message = "is no account of yours";
            check.refuse(&format!("account_ids[{index}]"), "unknown_account", message);
        }
    }
    check.finish().map_err(FeedError::Invalid)?;
    Ok(known)
}

async fn set_members(
    connection: &impl ConnectionTrait,
    feed: &feed::Model,
    accounts: &[AccountId],
) -> Result<(), DbErr> {
    feed_account::Entity::delete_of(feed.tenant_id)
        .filter(feed_account::Column::FeedId.eq(feed.id))
        .exec(connection)
        .await?;
    let rows = accounts.iter().map(|account| feed_account::ActiveModel {
        feed_id: Set(feed.id),
        account_id: Set(*account),
        tenant_id: Set(feed.tenant_id),
    });
    feed_account::Entity::insert_many(rows)
        .exec_without_returning(connection)
        .await
        .map(drop)
}
