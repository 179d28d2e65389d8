//! The visitor's read.

use crate::{
    ChangeEvents, Encoding, FeedError, FeedResponse,
    formats::RenderContext,
    pages::{content::ContentKey, rendition::Rendition},
    serving::{
        cache::{CachedContent, ContentCache},
        loader::Loader,
        main_feed::MainFeeds,
        query::{FeedQuery, PageSpec},
        render_pool::{RenderPool, Turn},
        response::WeakFeedResponse,
    },
};
use moka::sync::Cache;
use std::{sync::Arc, time::Duration};
use url::Url;
use vitrine_base::{clock::SharedClock, database::Database, paging::Cursors, security::MasterKey};
use vitrine_entity::{FeedId, TenantId};

/// Bytes that nobody asked for so long are dropped; the content that they are made from stays.
const FORGOTTEN_AFTER: Duration = Duration::from_mins(30);

/// What the reader needs to know of its surroundings.
#[derive(Clone, Debug)]
pub struct ReaderSettings {
    /// Where the outside reaches this server.
    pub public_url: Url,
    /// Most bytes of memory for what feeds show; half for contents, half for the bytes made of them.
    pub cache_bytes: u64,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct RenditionKey {
    /// A changed content has another number, so that its bytes are made anew.
    content: u64,
    wanted: PageSpec,
}

/// Reads feeds for visitors: from memory when warm, with one read of the database for all who wait
/// when cold, and from the last good copy when the database is away.
#[derive(Clone)]
pub struct FeedReader {
    contents: ContentCache,
    main_feeds: MainFeeds,
    renditions: Cache<RenditionKey, Arc<Rendition>>,
    render_pool: RenderPool,
    cursors: Cursors,
    public_url: Arc<Url>,
}

impl FeedReader {
    /// A reader with an empty memory that heeds the news.
    #[must_use]
    pub fn new(
        database: Database,
        clock: SharedClock,
        master: &MasterKey,
        changes: &ChangeEvents,
        settings: ReaderSettings,
    ) -> Self {
        let half = settings.cache_bytes / 2;
        let loader = Arc::new(Loader::new(database));
        let main_feeds = MainFeeds::new(loader.clone(), clock.clone());
        main_feeds.follow(changes.subscribe());
        let contents = ContentCache::new(loader, clock, half, changes.event_status());
        contents.follow(changes.subscribe());
        let renditions = Cache::builder()
            .weigher(|key: &RenditionKey, rendition: &Arc<Rendition>| {
                u32::try_from(key.wanted.weight() + rendition.weight()).unwrap_or(u32::MAX)
            })
            .max_capacity(half)
            .time_to_idle(FORGOTTEN_AFTER)
            .build();
        Self {
            contents,
            main_feeds,
            renditions,
            render_pool: RenderPool::new(),
            cursors: Cursors::new(master),
            public_url: Arc::new(settings.public_url),
        }
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
        let wanted = feed_query.wanted(feed, &self.cursors)?;
        let key = ContentKey {
            media_type,
            ..ContentKey::of(tenant, feed)
        };
        let held = self.contents.get_or_narrow(key).await?;
        let held = self.reaching(held, &wanted).await?;
        let key = rendition_key(&held, wanted);
        let known = self.renditions.get(&key);
        let rendition = match known.filter(|known| known.cached(encoding).is_some()) {
            Some(known) => known,
            None if held
                .copy
                .header
                .makes_large_pages(key.wanted.entries(&held.copy.header)) =>
            {
                self.render_in_pool(tenant, &held, key, encoding).await?
            }
            None => self.render_inline(&held, key, encoding).await?,
        };
        Ok(self.served(held, rendition, encoding))
    }

    fn served(
        &self,
        held: Arc<CachedContent>,
        rendition: Arc<Rendition>,
        encoding: Encoding,
    ) -> FeedResponse {
        FeedResponse {
            is_current: self.contents.is_current(&held),
            held,
            rendition,
            encoding,
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
        let wanted = feed_query.wanted(feed, &self.cursors).ok()?;
        let held = self.contents.cached(&ContentKey {
            media_type,
            ..ContentKey::of(tenant, feed)
        })?;
        if held
            .copy
            .missing_for(wanted.start, wanted.size(&held.copy.header.feed))
            .is_some()
        {
            return None;
        }
        let rendition = self.renditions.get(&rendition_key(&held, wanted))?;
        rendition.cached(encoding)?;
        Some(self.served(held, rendition, encoding))
    }

    /// What was served before, if it is in memory, known to be right and needs no waiting.
    ///
    /// The memory does not learn that it is wanted: whoever reads it so asks with
    /// [`cached`](Self::cached) now and then.
    #[must_use]
    pub fn serve_again(&self, before: &WeakFeedResponse) -> Option<FeedResponse> {
        let (held, rendition, encoding) = before.upgrade()?;
        let is_servable = self.contents.is_servable(&held);
        is_servable.then(|| self.served(held, rendition, encoding))
    }

    /// The content, or what lies behind it where the page does; as far as it is known while the database is away.
    async fn reaching(
        &self,
        held: Arc<CachedContent>,
        wanted: &PageSpec,
    ) -> Result<Arc<CachedContent>, FeedError> {
        let Some(older) = held
            .copy
            .missing_for(wanted.start, wanted.size(&held.copy.header.feed))
        else {
            return Ok(held);
        };
        Ok(self.contents.older(&held, older).await?.unwrap_or(held))
    }

    /// Made once for all who ask at the same time.
    fn rendition(&self, held: &CachedContent, key: &RenditionKey) -> Result<Arc<Rendition>, FeedError> {
        let render = || {
            metrics::counter!("vitrine_feed_renders_total").increment(1);
            let context = RenderContext {
                content: &held.copy,
                wanted: &key.wanted,
                cursors: &self.cursors,
                public_url: &self.public_url,
            };
            context.write().map(|written| Arc::new(Rendition::new(written)))
        };
        self.renditions
            .try_get_with_by_ref(key, render)
            .map_err(|error| (*error).clone())
    }

    async fn render_inline(
        &self,
        held: &CachedContent,
        key: RenditionKey,
        encoding: Encoding,
    ) -> Result<Arc<Rendition>, FeedError> {
        let rendition = self.rendition(held, &key)?;
        self.compressed(key, rendition, encoding, None).await
    }

    /// A large page, in its tenant's turn, on a thread that answers nobody.
    async fn render_in_pool(
        &self,
        tenant: TenantId,
        held: &Arc<CachedContent>,
        key: RenditionKey,
        encoding: Encoding,
    ) -> Result<Arc<Rendition>, FeedError> {
        let turn = self.render_pool.turn(tenant).await;
        let rendition = match self.renditions.get(&key) {
            Some(known) => known,
            None => {
                let (reader, held, key) = (self.clone(), Arc::clone(held), key.clone());
                let context = move || reader.rendition(&held, &key);
                self.render_pool.run(&turn, context).await??
            }
        };
        self.compressed(key, rendition, encoding, Some((&self.render_pool, &turn)))
            .await
    }

    /// Packs where that was not done before, and has the memory weigh the rendition again.
    async fn compressed(
        &self,
        key: RenditionKey,
        rendition: Arc<Rendition>,
        encoding: Encoding,
        large: Option<(&RenderPool, &Turn)>,
    ) -> Result<Arc<Rendition>, FeedError> {
        if rendition.cached(encoding).is_none() {
            rendition.compress(encoding, large).await?;
            self.renditions.insert(key, Arc::clone(&rendition));
        }
        Ok(rendition)
    }

    /// Tells the metrics how much memory is taken.
    pub fn report_memory(&self) {
        let (bytes, copies) = self.contents.usage();
        gauge("contents", bytes, copies);
        gauge(
            "renditions",
            self.renditions.weighted_size(),
            self.renditions.entry_count(),
        );
    }
}

#[expect(clippy::cast_precision_loss, reason = "gauges are floats")]
fn gauge(part: &'static str, bytes: u64, entries: u64) {
    metrics::gauge!("vitrine_feed_cache_bytes", "part" => part).set(bytes as f64);
    metrics::gauge!("vitrine_feed_cache_entries", "part" => part).set(entries as f64);
}

fn rendition_key(held: &CachedContent, wanted: PageSpec) -> RenditionKey {
    RenditionKey {
        content: held.copy.header.number,
        wanted,
    }
}
