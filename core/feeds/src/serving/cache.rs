//! What feeds show, in memory.

use crate::{
    FeedCursor, FeedError,
    changes::{
        change_events::{ChangeEvent, event_stream},
        event_status::EventStatus,
    },
    content::{
        feed_content::{ContentKey, FeedContent, Older},
        packed_content::PackedContent,
    },
    serving::{content_source::ContentSource, loader::Loader, unpacked_contents::UnpackedContents},
};
use futures::StreamExt;
use moka::sync::Cache;
use std::{sync::Arc, time::Duration};
use tokio::{sync::broadcast::Receiver, time::timeout};
use vitrine_base::{
    cache::{self, Capacity, REVALIDATION_TIMEOUT, RevalidatingCache, Urgency},
    clock::SharedClock,
};
use vitrine_entity::FeedId;

/// No look holds up the others for longer.
const EVENT_REVALIDATION_TIMEOUT: Duration = Duration::from_secs(5);
/// Copies that are looked at again at once.
const AT_ONCE: usize = 8;
/// A copy that nobody read for so long is dropped.
const DROPPED_AFTER: Duration = Duration::from_hours(24);
/// What was picked out of a whole content is of use while the database is away.
const NARROWED_FOR: Duration = Duration::from_mins(5);

/// A content in memory.
pub(crate) type CachedContent = cache::CacheEntry<ContentSource>;

/// Contents by tenant and feed. A cold one is read once for all who ask.
#[derive(Clone)]
pub(crate) struct ContentCache {
    contents: RevalidatingCache<ContentSource>,
    event_status: EventStatus,
    /// What was picked out of a whole content, by its number and the type.
    narrowed: Cache<(u64, &'static str), Arc<CachedContent>>,
}

impl ContentCache {
    /// An empty memory for so many bytes.
    pub(crate) fn new(
        loader: Arc<Loader>,
        clock: SharedClock,
        most_bytes: u64,
        unpacked: UnpackedContents,
        event_status: EventStatus,
    ) -> Self {
        let contents = ContentSource::new(loader, unpacked, DROPPED_AFTER);
        let bounds = Capacity {
            most: most_bytes,
            weigher: |content: &PackedContent| u32::try_from(content.weight()).unwrap_or(u32::MAX),
            forgotten_after: DROPPED_AFTER,
        };
        let narrowed = Cache::builder()
            .weigher(|_: &(u64, &'static str), content: &Arc<CachedContent>| {
                u32::try_from(content.copy.weight()).unwrap_or(u32::MAX)
            })
            .max_capacity(most_bytes / 8)
            .time_to_idle(NARROWED_FOR)
            .build();
        Self {
            contents: RevalidatingCache::new(contents, clock, bounds),
            event_status,
            narrowed,
        }
    }

    /// Bytes that the copies take, and how many there are.
    pub(crate) fn usage(&self) -> (u64, u64) {
        self.contents.usage()
    }

    /// Whether a copy is known to be right at this moment: news of every change come, and nothing speaks against it.
    pub(crate) fn is_current(&self, held: &CachedContent) -> bool {
        self.event_status.is_receiving() && held.is_trusted()
    }

    /// A copy that can be shown without waiting for anything.
    pub(crate) fn cached(&self, key: &ContentKey) -> Option<Arc<CachedContent>> {
        self.contents.cached(key)
    }

    /// Whether a copy from before can be shown without waiting.
    pub(crate) fn is_servable(&self, held: &Arc<CachedContent>) -> bool {
        self.contents.is_servable(held)
    }

    /// What lies behind a content; nothing while the database is away or hangs.
    pub(crate) async fn older(
        &self,
        content: &CachedContent,
        older: Older,
    ) -> Result<Option<Arc<CachedContent>>, FeedError> {
        self.in_time(ContentKey {
            older: Some(older),
            ..content.key
        })
        .await
    }

    /// The content; while the database is away or hangs, one of a single type is picked out of the whole.
    pub(crate) async fn get_or_narrow(&self, key: ContentKey) -> Result<Arc<CachedContent>, FeedError> {
        let Some(media_type) = key.media_type else {
            return self.contents.get(&key).await;
        };
        let whole = ContentKey {
            media_type: None,
            ..key
        };
        let Some(whole) = self.contents.peek(&whole).await else {
            return self.contents.get(&key).await;
        };
        match self.in_time(key).await? {
            Some(content) => Ok(content),
            None => self.narrowed(&whole, key, media_type).await,
        }
    }

    /// What the whole shows of one type, as old as that is. Picked once for each content: packing it costs more than
    /// a page.
    async fn narrowed(
        &self,
        whole: &Arc<CachedContent>,
        key: ContentKey,
        media_type: &'static str,
    ) -> Result<Arc<CachedContent>, FeedError> {
        let number = (whole.copy.header.number, media_type);
        if let Some(known) = self.narrowed.get(&number) {
            return Ok(known);
        }
        let content = self.unpacked(whole).await?.narrowed(media_type);
        let packed = self.contents.origin().unpacked.pack(content).await?;
        let narrowed = Arc::new(CachedContent::detached(key, packed, whole.checked_at()));
        narrowed.distrust();
        self.narrowed.insert(number, Arc::clone(&narrowed));
        Ok(narrowed)
    }

    async fn unpacked(&self, held: &Arc<CachedContent>) -> Result<Arc<FeedContent>, FeedError> {
        self.contents.origin().unpacked.unpack_apart(&held.copy).await
    }

    /// What has to be read besides for the page of at most `most` entries that begins at a bookmark.
    pub(crate) async fn missing_for(
        &self,
        held: &Arc<CachedContent>,
        start: FeedCursor,
        most: u32,
    ) -> Result<Option<Older>, FeedError> {
        match held.copy.may_miss_after(start) {
            true => Ok(self.unpacked(held).await?.missing_for(start, most)),
            false => Ok(None),
        }
    }

    /// A content that there is something to show in the place of: not waited for for long, then as it is in memory. It
    /// is read all the same, for those who come later.
    async fn in_time(&self, key: ContentKey) -> Result<Option<Arc<CachedContent>>, FeedError> {
        // A task of its own outlives the visitor and the timeout.
        let memory = self.contents.clone();
        // Outlives only the visitor who asked: it ends with this one read.
        let read = tokio::spawn(async move { memory.get(&key).await });
        match timeout(REVALIDATION_TIMEOUT, read).await {
            Err(_) | Ok(Err(_) | Ok(Err(FeedError::Unavailable(_)))) => Ok(self.contents.peek(&key).await),
            Ok(Ok(read)) => read.map(Some),
        }
    }

    /// Looks again at every copy of a feed that the news are about, until nobody reports any more. When news were missed,
    /// every copy is doubted, so that its next reader has it looked at.
    pub(crate) fn follow(&self, news: Receiver<ChangeEvent>) -> impl Future<Output = ()> + Send + use<> {
        let cache = self.clone();
        event_stream(news).for_each_concurrent(AT_ONCE, move |news_of| {
            let cache = cache.clone();
            async move {
                match news_of {
                    ChangeEvent::Changed(feed) => {
                        // First of all: a load in flight is not among the copies, and may have missed the change.
                        cache.contents.advance_changes();
                        cache.revalidate_keys(cache.copies_of(feed)).await;
                    }
                    ChangeEvent::Missed => {
                        cache.contents.advance_changes();
                        cache.contents.mark_all_stale();
                    }
                    ChangeEvent::KeyEnds(_) | ChangeEvent::FeedsOf(_) => {}
                }
            }
        })
    }

    fn copies_of(&self, feed: FeedId) -> Vec<ContentKey> {
        let tenant = self.contents.origin().tenant_of(feed);
        let types = std::iter::once(None).chain(crate::MEDIA_TYPES.map(Some));
        tenant
            .into_iter()
            .flat_map(|tenant| {
                types.clone().map(move |media_type| ContentKey {
                    media_type,
                    ..ContentKey::of(tenant, feed)
                })
            })
            .collect()
    }

    async fn revalidate_keys(&self, keys: Vec<ContentKey>) {
        futures::stream::iter(keys)
            .for_each_concurrent(AT_ONCE, async |key| {
                if let Some(held) = self.contents.peek(&key).await {
                    held.distrust();
                    let look = self.contents.clone().revalidate(held, Urgency::Now);
                    let _answer = timeout(EVENT_REVALIDATION_TIMEOUT, look).await;
                }
            })
            .await;
    }
}
