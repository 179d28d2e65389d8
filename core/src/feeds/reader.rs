//! The visitor's read.

use super::{
    FeedChanges, FeedError, Position,
    cache::{FeedCache, Key},
    photos::PhotosView,
    select::{is_media_type, newest, shown},
};
use crate::{
    clock::SharedClock, database::Database, paging::Cursors, security::MasterKey, validation::Check,
};
use bytes::Bytes;
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, QueryFilter, QueryOrder};
use std::sync::Arc;
use vitrine_entity::{AccountId, FeedId, TenantId, TenantOwned, Time, account, feed, feed_account};

/// Photos of a page when nothing else is asked for.
const PAGE: u32 = 25;
/// Most photos of a page.
const LARGEST_PAGE: u32 = 100;

/// Which photos a visitor asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct PhotosQuery {
    /// Most photos of the page; 1 to 100, 25 when not named.
    pub limit: Option<u32>,
    /// Where the last page ended.
    pub cursor: Option<String>,
    /// Only this media type.
    pub media_type: Option<String>,
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

/// Reads feeds for visitors: from memory when warm, with one read of the database for all who wait
/// when cold, and from the last good copy when the database is away.
#[derive(Clone)]
pub struct FeedReader {
    renderer: Arc<Renderer>,
    cache: FeedCache,
}

pub(super) struct Renderer {
    database: Database,
    clock: SharedClock,
    cursors: Cursors,
}

impl FeedReader {
    /// A reader with an empty memory that heeds the news.
    #[must_use]
    pub fn new(database: Database, clock: SharedClock, master: &MasterKey, changes: &FeedChanges) -> Self {
        let renderer = Arc::new(Renderer {
            database,
            clock,
            cursors: Cursors::new(master),
        });
        let cache = FeedCache::new(renderer.clone());
        cache.heed(changes.subscribe());
        Self { renderer, cache }
    }

    /// One page of a feed.
    ///
    /// # Errors
    /// [`FeedError::NotFound`] also for another tenant's feed, [`FeedError::Invalid`],
    /// [`FeedError::BadCursor`], [`FeedError::Unavailable`].
    pub async fn photos(
        &self,
        tenant: TenantId,
        feed: FeedId,
        query: PhotosQuery,
    ) -> Result<Arc<RenderedFeed>, FeedError> {
        check(&query)?;
        let behind = query
            .cursor
            .as_deref()
            .map(|cursor| self.renderer.position(feed, cursor))
            .transpose()?;
        let limit = query.limit.unwrap_or(PAGE);
        self.cache
            .get(Key {
                tenant,
                feed,
                behind,
                limit,
                media_type: query.media_type,
            })
            .await
    }
}

fn check(query: &PhotosQuery) -> Result<(), FeedError> {
    let mut check = Check::default();
    if query
        .limit
        .is_some_and(|limit| !(1..=LARGEST_PAGE).contains(&limit))
    {
        check.refuse(
            "limit",
            "out_of_range",
            format!("must be between 1 and {LARGEST_PAGE}"),
        );
    }
    if query
        .media_type
        .as_deref()
        .is_some_and(|media_type| !is_media_type(media_type))
    {
        check.refuse("type", "unknown_type", "must be IMAGE, VIDEO or CAROUSEL_ALBUM");
    }
    check.finish().map_err(FeedError::Invalid)
}

fn list(feed: FeedId) -> String {
    format!("photos:{feed}")
}

impl Renderer {
    fn position(&self, feed: FeedId, cursor: &str) -> Result<Position, FeedError> {
        Ok(Position::read(&self.cursors.open(&list(feed), cursor)?)?)
    }

    /// The feed as it is now, for its version and its settings.
    pub(super) async fn feed(&self, key: &Key) -> Result<feed::Model, FeedError> {
        find_feed(self.database.connection(), key).await
    }

    pub(super) fn now(&self) -> Time {
        self.clock.now()
    }

    pub(super) async fn render(&self, key: &Key) -> Result<RenderedFeed, FeedError> {
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

async fn find_feed(connection: &impl ConnectionTrait, key: &Key) -> Result<feed::Model, FeedError> {
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
