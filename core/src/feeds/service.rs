//! Feeds, for their owner's eyes.

use super::FeedError;
use crate::{
    database::Database,
    paging::{Cursors, Page, PageRequest},
    security::MasterKey,
};
use sea_orm::{ColumnTrait, DbErr, QueryFilter, QueryOrder};
use std::collections::HashMap;
use vitrine_entity::{AccountId, FeedId, TenantId, TenantOwned, feed, feed_account};

/// A feed and the accounts that it shows.
#[derive(Clone, Debug)]
pub struct FeedDetail {
    /// The feed.
    pub feed: feed::Model,
    /// Its accounts.
    pub account_ids: Vec<AccountId>,
}

/// Looks after feeds.
pub struct Feeds {
    database: Database,
    cursors: Cursors,
}

impl Feeds {
    /// The service over its parts.
    #[must_use]
    pub fn new(database: Database, master: &MasterKey) -> Self {
        Self {
            database,
            cursors: Cursors::new(master),
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
        let mut members = self
            .members(tenant, page.data.iter().map(|feed| feed.id).collect())
            .await?;
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
        let feed = feed::Entity::of(tenant)
            .filter(feed::Column::Id.eq(id))
            .one(self.database.connection())
            .await?;
        let feed = feed.ok_or(FeedError::NotFound)?;
        let account_ids = self
            .members(tenant, vec![id])
            .await?
            .remove(&id)
            .unwrap_or_default();
        Ok(FeedDetail { feed, account_ids })
    }

    async fn members(
        &self,
        tenant: TenantId,
        feeds: Vec<FeedId>,
    ) -> Result<HashMap<FeedId, Vec<AccountId>>, DbErr> {
        let rows = feed_account::Entity::of(tenant)
            .filter(feed_account::Column::FeedId.is_in(feeds))
            .order_by_asc(feed_account::Column::AccountId)
            .all(self.database.connection())
            .await?;
        let mut members: HashMap<FeedId, Vec<AccountId>> = HashMap::new();
        for row in rows {
            members.entry(row.feed_id).or_default().push(row.account_id);
        }
        Ok(members)
    }
}
