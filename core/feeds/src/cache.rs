//! What feeds show, in memory.

use super::{
    FeedError,
    change_events::{News, heard},
    content::{ContentKey, FeedContent, Older},
    event_status::Hearing,
    loader::Loader,
};
use futures::StreamExt;
use std::{sync::Arc, time::Duration};
use tokio::{sync::broadcast::Receiver, time::timeout};
use vitrine_base::{
    cache::{self, Bounds, Memory, Origin, Pace, Reading},
    clock::SharedClock,
    freshness::PATIENCE,
};
use vitrine_entity::{FeedId, TenantId};

/// No look holds up the others for longer.
const LONGEST_LOOK: Duration = Duration::from_secs(5);
/// Copies that are looked at again at once.
const AT_ONCE: usize = 8;
/// A copy that nobody read for so long is dropped.
const DROPPED_AFTER: Duration = Duration::from_hours(24);
/// Feeds whose tenant is remembered, so that news of them find their copies.
const MOST_FEEDS: u64 = 1_000_000;

/// A content in memory.
pub(super) type Held = cache::Held<Contents>;

/// Contents as the database has them.
pub(super) struct Contents {
    loader: Arc<Loader>,
    tenants: moka::sync::Cache<FeedId, TenantId>,
}

impl Origin for Contents {
    type Key = ContentKey;
    type Copy = FeedContent;
    type Error = FeedError;

    const NAME: &'static str = "a feed";

    async fn load(&self, key: &ContentKey) -> Result<Reading<FeedContent>, FeedError> {
        let copy = self.loader.load(key).await?;
        // Only now it is known to be the tenant's: whoever asks for another's feed must not turn its news away.
        self.tenants.insert(key.feed, key.tenant);
        Ok(Reading {
            copy,
            doubtful: false,
        })
    }

    async fn newer(
        &self,
        key: &ContentKey,
        copy: &FeedContent,
        pace: Pace,
    ) -> Result<Option<Reading<FeedContent>>, FeedError> {
        // Remembered for as long as the feed is read: news of it would find no copy otherwise.
        self.tenants.insert(key.feed, key.tenant);
        if self.loader.is_same(key, &copy.feed, pace).await? {
            return Ok(None);
        }
        self.load(key).await.map(Some)
    }

    fn is_gone(error: &FeedError) -> bool {
        matches!(error, FeedError::NotFound)
    }

    fn replaces(read: &FeedContent, known: &FeedContent) -> bool {
        read.feed.version >= known.feed.version && !Loader::is_same_state(&read.feed, &known.feed)
    }
}

/// Contents by tenant and feed. A cold one is read once for all who ask.
#[derive(Clone)]
pub(super) struct ContentCache(Memory<Contents>, Hearing);

impl ContentCache {
    /// An empty memory for so many bytes.
    pub(super) fn new(loader: Arc<Loader>, clock: SharedClock, most_bytes: u64, hearing: Hearing) -> Self {
        let tenants = moka::sync::Cache::builder()
            .max_capacity(MOST_FEEDS)
            .time_to_idle(DROPPED_AFTER)
            .build();
        let contents = Contents { loader, tenants };
        let bounds = Bounds {
            most: most_bytes,
            weigh: |content: &FeedContent| u32::try_from(content.weight()).unwrap_or(u32::MAX),
            forgotten_after: DROPPED_AFTER,
        };
        Self(Memory::new(contents, clock, bounds), hearing)
    }

    /// Bytes that the copies take, and how many there are.
    pub(super) fn usage(&self) -> (u64, u64) {
        self.0.usage()
    }

    /// Whether a copy is known to be right at this moment: news of every change come, and nothing speaks against it.
    pub(super) fn is_current(&self, held: &Held) -> bool {
        self.1.hears() && held.stands()
    }

    /// A copy that can be shown without waiting for anything.
    pub(super) fn at_hand(&self, key: &ContentKey) -> Option<Arc<Held>> {
        self.0.at_hand(key)
    }

    /// Whether a copy from before can be shown without waiting.
    pub(super) fn can_be_shown(&self, held: &Arc<Held>) -> bool {
        self.0.can_be_shown(held)
    }

    /// What lies behind a content; nothing while the database is away or hangs.
    pub(super) async fn older(&self, content: &Held, older: Older) -> Result<Option<Arc<Held>>, FeedError> {
        self.in_time(ContentKey {
            older: Some(older),
            ..content.key
        })
        .await
    }

    /// The content; while the database is away or hangs, one of a single type is picked out of the whole.
    pub(super) async fn get_or_pick(&self, key: ContentKey) -> Result<Arc<Held>, FeedError> {
        let Some(media_type) = key.media_type else {
            return self.0.get(&key).await;
        };
        let whole = ContentKey {
            media_type: None,
            ..key
        };
        let Some(whole) = self.0.peek(&whole).await else {
            return self.0.get(&key).await;
        };
        let picked = || {
            let picked = Held::apart(key, whole.copy.narrowed(media_type), whole.checked_at());
            picked.question();
            picked
        };
        Ok(self.in_time(key).await?.unwrap_or_else(|| Arc::new(picked())))
    }

    /// A content that there is something to show in the place of: not waited for for long, then as it is in memory. It
    /// is read all the same, for those who come later.
    async fn in_time(&self, key: ContentKey) -> Result<Option<Arc<Held>>, FeedError> {
        let memory = self.0.clone();
        let read = tokio::spawn(async move { memory.get(&key).await });
        match timeout(PATIENCE, read).await {
            Err(_) | Ok(Err(_) | Ok(Err(FeedError::Unavailable(_)))) => Ok(self.0.peek(&key).await),
            Ok(Ok(read)) => read.map(Some),
        }
    }

    /// Looks again at every copy of a feed that the news are about. When news were missed, every copy is
    /// doubted, so that its next reader has it looked at.
    pub(super) fn heed(&self, news: Receiver<News>) {
        let cache = self.clone();
        tokio::spawn(heard(news).for_each_concurrent(AT_ONCE, move |news_of| {
            let cache = cache.clone();
            async move {
                match news_of {
                    News::Changed(feed) => {
                        cache.0.hear_of_change();
                        cache.look_again_at(cache.copies_of(feed)).await;
                    }
                    News::Missed => {
                        cache.0.hear_of_change();
                        cache.0.doubt_all();
                    }
                    News::KeyEnds(_) | News::FeedsOf(_) => {}
                }
            }
        }));
    }

    fn copies_of(&self, feed: FeedId) -> Vec<ContentKey> {
        let tenant = self.0.origin().tenants.get(&feed);
        let types = std::iter::once(None).chain(super::MEDIA_TYPES.map(Some));
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

    async fn look_again_at(&self, keys: Vec<ContentKey>) {
        futures::stream::iter(keys)
            .for_each_concurrent(AT_ONCE, async |key| {
                if let Some(held) = self.0.peek(&key).await {
                    held.question();
                    let look = self.0.clone().look_again(held, Pace::Now);
                    let _answer = timeout(LONGEST_LOOK, look).await;
                }
            })
            .await;
    }
}
