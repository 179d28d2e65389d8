//! The visitor's read.

use super::{
    FeedChanges, FeedError,
    cache::FeedCache,
    render::{PageKey, RenderedFeed, Renderer},
    select::is_media_type,
};
use crate::{clock::SharedClock, database::Database, security::MasterKey, validation::Check};
use std::sync::Arc;
use vitrine_entity::{FeedId, TenantId};

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

/// Reads feeds for visitors: from memory when warm, with one read of the database for all who wait
/// when cold, and from the last good copy when the database is away.
#[derive(Clone)]
pub struct FeedReader {
    renderer: Arc<Renderer>,
    cache: FeedCache,
}

impl FeedReader {
    /// A reader with an empty memory that heeds the news.
    #[must_use]
    pub fn new(database: Database, clock: SharedClock, master: &MasterKey, changes: &FeedChanges) -> Self {
        let renderer = Arc::new(Renderer::new(database, clock, master));
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
            .get(PageKey {
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
