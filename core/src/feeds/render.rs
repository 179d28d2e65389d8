//! A page of a feed, made from one moment of the database.

use super::{
    FeedError, Position,
    photos::PhotosView,
    select::{newest, shown},
};
use crate::{clock::SharedClock, database::Database, paging::Cursors, security::MasterKey};
use bytes::Bytes;
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, QueryFilter, QueryOrder};
use vitrine_entity::{AccountId, FeedId, TenantId, TenantOwned, Time, account, feed, feed_account};

/// Which page.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct PageKey {
    pub(super) tenant: TenantId,
    pub(super) feed: FeedId,
    pub(super) behind: Option<Position>,
    pub(super) limit: u32,
    pub(super) media_type: Option<String>,
}

/// A page of a feed, ready to be sent.
#[derive(Clone, Debug)]
pub struct RenderedFeed {
    /// JSON.
    pub body: Bytes,
    /// Strong entity tag, with its quotes.
    pub etag: String,
    /// When the feed's content last changed.
    pub last_modified: Time,
    /// How long a browser may keep it.
    pub cache_seconds: u32,
    /// When it was last known to be right.
    pub rendered_at: Time,
    /// Origins it may be read from; empty means any.
    pub allowed_origins: Vec<String>,
    pub(super) version: i64,
}

/// Makes pages.
pub(super) struct Renderer {
    database: Database,
    clock: SharedClock,
    cursors: Cursors,
}

fn list(feed: FeedId) -> String {
    format!("photos:{feed}")
}

impl Renderer {
    pub(super) fn new(database: Database, clock: SharedClock, master: &MasterKey) -> Self {
        Self {
            database,
            clock,
            cursors: Cursors::new(master),
        }
    }

    /// The position that a cursor of this feed carries.
    pub(super) fn position(&self, feed: FeedId, cursor: &str) -> Result<Position, FeedError> {
        Ok(Position::read(&self.cursors.open(&list(feed), cursor)?)?)
    }

    /// The feed as it is now, for its version and its settings.
    pub(super) async fn feed(&self, key: &PageKey) -> Result<feed::Model, FeedError> {
        find_feed(self.database.connection(), key).await
    }

    pub(super) fn now(&self) -> Time {
        self.clock.now()
    }

    pub(super) async fn render(&self, key: &PageKey) -> Result<RenderedFeed, FeedError> {
        let rendered_at = self.now();
        let moment = self.database.begin_read().await?;
        let feed = find_feed(&moment, key).await?;
        let accounts = accounts_of(&moment, &feed).await?;
        let before = key.behind.map_or(0, |position| position.shown);
        let left = u32::try_from(feed.item_limit).unwrap_or(0).saturating_sub(before);
        let wanted = key.limit.min(left);
        let ids: Vec<AccountId> = accounts.iter().map(|account| account.id).collect();
        let select = shown(&feed, ids, key.media_type.as_deref());
        let mut rows = newest(select, key.behind, u64::from(wanted) + 1)
            .all(&moment)
            .await?;
        moment.commit().await?;
        let more = rows.len() > wanted as usize && left > wanted;
        rows.truncate(wanted as usize);
        let last = rows
            .last()
            .filter(|_| more)
            .map(|row| Position::after(row, before + wanted));
        let next_cursor = last.map(|position| self.cursors.seal(&list(feed.id), &position.write()));
        let view = PhotosView::new(&feed, accounts.first(), &rows, next_cursor, key.limit);
        let body = Bytes::from(serde_json::to_vec(&view)?);
        Ok(RenderedFeed {
            etag: format!("\"{}\"", &blake3::hash(&body).to_hex()[..32]),
            body,
            last_modified: feed.content_changed_at,
            cache_seconds: u32::try_from(feed.cache_seconds).unwrap_or(0),
            rendered_at,
            allowed_origins: feed.allowed_origins.0,
            version: feed.version,
        })
    }
}

async fn find_feed(connection: &impl ConnectionTrait, key: &PageKey) -> Result<feed::Model, FeedError> {
    let feed = feed::Entity::of(key.tenant)
        .filter(feed::Column::Id.eq(key.feed))
        .one(connection)
        .await?;
    feed.ok_or(FeedError::NotFound)
}

async fn accounts_of(
    connection: &impl ConnectionTrait,
    feed: &feed::Model,
) -> Result<Vec<account::Model>, DbErr> {
    let members = feed_account::Entity::of(feed.tenant_id)
        .filter(feed_account::Column::FeedId.eq(feed.id))
        .all(connection)
        .await?;
    account::Entity::of(feed.tenant_id)
        .filter(account::Column::Id.is_in(members.into_iter().map(|row| row.account_id)))
        .order_by_asc(account::Column::Id)
        .all(connection)
        .await
}
