//! The visitor's read.

use crate::{
    ChangeEvents, Encoding, FeedError, FeedResponse,
    content::feed_content::ContentKey,
    pages::{page_spec::PageSpec, query::FeedQuery},
    serving::{
        body_cache::{BodyCache, PageKey},
        cache::{CachedContent, ContentCache},
        loader::Loader,
        main_feed::MainFeeds,
        page_body::PageBody,
        page_maker::PageMaker,
        render_pool::RenderPool,
        response::WeakFeedResponse,
        unpacked_contents::UnpackedContents,
    },
};
use futures::{FutureExt, future::join};
use std::sync::Arc;
use url::Url;
use vitrine_base::{clock::SharedClock, database::Database, paging::Cursors, security::MasterKey};
use vitrine_entity::{FeedId, TenantId};

/// What the reader needs to know of its surroundings.
#[derive(Clone, Debug)]
pub struct ReaderSettings {
    /// Where the outside reaches this server.
    pub public_url: Url,
    /// Most bytes of memory for what feeds show; half for contents, a quarter each for packed and for
    /// plain bytes made of them.
    pub cache_bytes: u64,
}

/// Reads feeds for visitors: from memory when warm, with one read of the database for all who wait
/// when cold, and from the last good copy when the database is away.
#[derive(Clone)]
pub struct FeedReader {
    contents: ContentCache,
    main_feeds: MainFeeds,
    pages: PageMaker,
}

impl FeedReader {
    /// A reader with an empty memory, and what follows change events for it: run that for as long as feeds are read.
    pub fn new(
        database: Database,
        clock: SharedClock,
        master: &MasterKey,
        changes: &ChangeEvents,
        settings: ReaderSettings,
    ) -> (Self, impl Future<Output = ()> + Send + use<>) {
        let half = settings.cache_bytes / 2;
        let loader = Arc::new(Loader::new(database));
        let main_feeds = MainFeeds::new(loader.clone(), clock.clone());
        let following_feeds = main_feeds.follow(changes.subscribe());
        let unpacked = UnpackedContents::new(half / 8);
        let most_packed = half - unpacked.most_bytes();
        let contents = ContentCache::new(
            loader,
            clock,
            most_packed,
            unpacked.clone(),
            changes.event_status(),
        );
        let following_contents = contents.follow(changes.subscribe());
        let pages = PageMaker {
            bodies: BodyCache::new(half),
            contents: unpacked,
            render_pool: RenderPool::new(),
            cursors: Cursors::new(master),
            public_url: Arc::new(settings.public_url),
        };
        let reader = Self {
            contents,
            main_feeds,
            pages,
        };
        (reader, join(following_feeds, following_contents).map(drop))
    }

    /// The feed that is meant where none is named: a tenant's oldest default feed, else its oldest; from
    /// memory when warm, and then also while the database is away.
    ///
    /// # Errors
    /// [`FeedError::NotFound`] for a tenant without feeds, [`FeedError::Unavailable`].
    pub async fn main_feed(&self, tenant: TenantId) -> Result<FeedId, FeedError> {
        self.main_feeds.of(tenant).await
    }

    /// One page of a feed, packed as `encoding` says where that makes it smaller.
    ///
    /// # Errors
    /// [`FeedError::NotFound`] also for another tenant's feed, [`FeedError::Invalid`],
    /// [`FeedError::BadCursor`], [`FeedError::Unavailable`].
    pub async fn read(
        &self,
        tenant: TenantId,
        feed: FeedId,
        feed_query: FeedQuery,
        encoding: Encoding,
    ) -> Result<FeedResponse, FeedError> {
        let media_type = feed_query.checked()?;
        let wanted = feed_query.wanted(feed, &self.pages.cursors)?;
        let key = ContentKey {
            media_type,
            ..ContentKey::of(tenant, feed)
        };
        let held = self.contents.get_or_narrow(key).await?;
        let key = (page_key(&held, wanted), encoding);
        // Whatever was made of a content reached no further than it.
        if let Some(body) = self.pages.bodies.get(&key) {
            return Ok(self.served(held, body));
        }
        let (held, key) = self.reaching(held, key).await?;
        let body = self.pages.body(&held, &key).await?;
        Ok(self.served(held, body))
    }

    fn served(&self, held: Arc<CachedContent>, body: Arc<PageBody>) -> FeedResponse {
        FeedResponse {
            is_current: self.contents.is_current(&held),
            held,
            body,
        }
    }

    /// The same, if it is in memory, known to be right and needs no waiting; nothing otherwise, also
    /// when something is wrong with the question.
    #[must_use]
    pub fn cached(
        &self,
        tenant: TenantId,
        feed: FeedId,
        feed_query: FeedQuery,
        encoding: Encoding,
    ) -> Option<FeedResponse> {
        let media_type = feed_query.checked().ok()?;
        let wanted = feed_query.wanted(feed, &self.pages.cursors).ok()?;
        let held = self.contents.cached(&ContentKey {
            media_type,
            ..ContentKey::of(tenant, feed)
        })?;
        let body = self.pages.bodies.get(&(page_key(&held, wanted), encoding))?;
        Some(self.served(held, body))
    }

    /// What was served before, if it is in memory, known to be right and needs no waiting.
    ///
    /// The memory does not learn that it is wanted: whoever reads it so asks with
    /// [`cached`](Self::cached) now and then.
    #[must_use]
    pub fn serve_again(&self, before: &WeakFeedResponse) -> Option<FeedResponse> {
        let (held, body) = before.upgrade()?;
        let is_servable = self.contents.is_servable(&held);
        is_servable.then(|| self.served(held, body))
    }

    /// The content that a page is made of: what lies behind the one that is held, where the page does; as far as it is
    /// known while the database is away.
    async fn reaching(
        &self,
        held: Arc<CachedContent>,
        (page, encoding): (PageKey, Encoding),
    ) -> Result<(Arc<CachedContent>, (PageKey, Encoding)), FeedError> {
        let most = page.wanted.size(&held.copy.header.feed);
        let Some(older) = self.contents.missing_for(&held, page.wanted.start, most).await? else {
            return Ok((held, (page, encoding)));
        };
        Ok(match self.contents.older(&held, older).await? {
            Some(older) => {
                let page = page_key(&older, page.wanted);
                (older, (page, encoding))
            }
            None => {
                let is_cut_short = true;
                (held, (PageKey { is_cut_short, ..page }, encoding))
            }
        })
    }

    /// Tells the metrics how much memory is taken.
    pub fn report_memory(&self) {
        let (packed, unpacked) = (self.contents.usage(), self.pages.contents.usage());
        gauge("contents", packed.0 + unpacked.0, packed.1);
        let (bytes, bodies) = self.pages.bodies.usage();
        gauge("renditions", bytes, bodies);
    }
}

#[expect(clippy::cast_precision_loss, reason = "gauges are floats")]
fn gauge(part: &'static str, bytes: u64, entries: u64) {
    metrics::gauge!("vitrine_feed_cache_bytes", "part" => part).set(bytes as f64);
    metrics::gauge!("vitrine_feed_cache_entries", "part" => part).set(entries as f64);
}

fn page_key(held: &CachedContent, wanted: PageSpec) -> PageKey {
    PageKey {
        content: held.copy.header.number,
        is_cut_short: false,
        wanted,
    }
}
