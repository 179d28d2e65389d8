//! What feeds show, in memory.

use super::{
    FeedError,
    changes::{News, heard},
    content::{ContentKey, FeedContent},
    loading::Loader,
};
use crate::{clock::SharedClock, freshness::Freshness};
use chrono::DateTime;
use futures::{FutureExt, StreamExt};
use moka::{Entry, future::Cache};
use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, AtomicU64, Ordering},
    },
    time::Duration,
};
use tokio::{sync::broadcast::Receiver, time::timeout};
use vitrine_entity::{FeedId, TenantId, Time};

/// No look holds up the others for longer.
const LONGEST_LOOK: Duration = Duration::from_secs(5);
/// Copies that are looked at again at once.
const AT_ONCE: usize = 8;
/// A copy that nobody read for so long is dropped.
const DROPPED_AFTER: Duration = Duration::from_hours(24);
/// Feeds whose tenant is remembered, so that news of them find their copies.
const MOST_FEEDS: u64 = 1_000_000;

/// A content in memory, and when it was last known to be right.
#[derive(Debug)]
pub(super) struct Held {
    pub(super) content: FeedContent,
    freshness: Freshness,
    checked_at_micros: AtomicI64,
}

impl Held {
    fn new(content: FeedContent, now: Time) -> Self {
        let held = Self {
            content,
            freshness: Freshness::new(),
            checked_at_micros: AtomicI64::new(0),
        };
        held.confirm(now);
        held
    }

    /// It is known to be right at this moment.
    fn confirm(&self, now: Time) {
        self.checked_at_micros
            .store(now.timestamp_micros(), Ordering::Relaxed);
        self.freshness.confirm();
    }

    /// When it was last known to be right.
    pub(super) fn checked_at(&self) -> Time {
        DateTime::from_timestamp_micros(self.checked_at_micros.load(Ordering::Relaxed)).unwrap_or_default()
    }
}

/// Contents by tenant and feed. A cold one is read once for all who ask.
#[derive(Clone)]
pub(super) struct ContentCache {
    loader: Arc<Loader>,
    clock: SharedClock,
    held: Cache<ContentKey, Arc<Held>>,
    tenants: moka::sync::Cache<FeedId, TenantId>,
    epoch: Arc<AtomicU64>,
    /// News so far.
    heard: Arc<AtomicU64>,
}

impl ContentCache {
    /// An empty memory for so many bytes.
    pub(super) fn new(loader: Arc<Loader>, clock: SharedClock, most_bytes: u64) -> Self {
        let held = Cache::builder()
            .weigher(|_: &ContentKey, held: &Arc<Held>| {
                u32::try_from(held.content.weight()).unwrap_or(u32::MAX)
            })
            .max_capacity(most_bytes)
            .time_to_idle(DROPPED_AFTER)
            .build();
        let tenants = moka::sync::Cache::builder()
            .max_capacity(MOST_FEEDS)
            .time_to_idle(DROPPED_AFTER)
            .build();
        Self {
            loader,
            clock,
            held,
            tenants,
            epoch: Arc::default(),
            heard: Arc::default(),
        }
    }

    /// Grows whenever a copy is replaced or dropped because it is no longer right.
    pub(super) fn epoch(&self) -> u64 {
        self.epoch.load(Ordering::Acquire)
    }

    /// Bytes that the copies take, and how many there are.
    pub(super) fn usage(&self) -> (u64, u64) {
        (self.held.weighted_size(), self.held.entry_count())
    }

    /// A copy that can be shown without waiting for anything; looked at again behind the reader's back
    /// where that is due.
    pub(super) fn at_hand(&self, key: &ContentKey) -> Option<Arc<Held>> {
        let held = self.held.get(key).now_or_never()??;
        let again = || self.clone().look_again(key.clone(), held.clone());
        held.freshness.can_be_shown(again).then_some(held)
    }

    /// The content; one that was not looked at for long is looked at first, once for all who wait.
    pub(super) async fn get(&self, key: ContentKey) -> Result<Arc<Held>, FeedError> {
        let held = self.held_or_loaded(&key).await?;
        let again = || self.clone().look_again(key.clone(), held.clone());
        let first = || self.clone().look_once(key.clone(), held.clone());
        let looked = held.freshness.see_to(again, first).await;
        looked.unwrap_or(Ok(held))
    }

    /// The content; while the database is away, one of a single type is picked out of the whole.
    pub(super) async fn get_or_pick(&self, key: ContentKey) -> Result<Arc<Held>, FeedError> {
        let whole = ContentKey {
            media_type: None,
            ..key.clone()
        };
        match (self.get(key.clone()).await, key.media_type) {
            (Err(error @ FeedError::Unavailable(_)), Some(media_type)) => {
                let whole = self.held.get(&whole).await.ok_or(error)?;
                let picked = Held::new(whole.content.narrowed(media_type), whole.checked_at());
                Ok(Arc::new(picked))
            }
            (answer, _) => answer,
        }
    }

    async fn held_or_loaded(&self, key: &ContentKey) -> Result<Arc<Held>, FeedError> {
        let held = self.held.try_get_with_by_ref(key, self.load(key)).await;
        held.map_err(|error| (*error).clone())
    }

    /// Looks, unless somebody else did while this one waited for the turn.
    async fn look_once(self, key: ContentKey, held: Arc<Held>) -> Result<Arc<Held>, FeedError> {
        let _turn = held.freshness.turn().await;
        let current = self.held_or_loaded(&key).await?;
        if current.freshness.is_overdue() {
            self.look_again(key, current).await
        } else {
            Ok(current)
        }
    }

    /// News that come while it is read find no copy yet, so it is doubted then.
    async fn load(&self, key: &ContentKey) -> Result<Arc<Held>, FeedError> {
        self.tenants.insert(key.feed, key.tenant);
        let heard = self.heard.load(Ordering::Acquire);
        let content = self.loader.load(key).await?;
        let held = Held::new(content, self.clock.now());
        if self.heard.load(Ordering::Acquire) != heard {
            held.freshness.doubt();
        }
        Ok(Arc::new(held))
    }

    /// Looks again at every copy of a feed that the news are about. A copy is replaced and never
    /// dropped before, because the database may be away meanwhile. When news were missed, every copy is
    /// doubted, so that its next reader has it looked at.
    pub(super) fn heed(&self, news: Receiver<News>) {
        let cache = self.clone();
        tokio::spawn(heard(news).for_each_concurrent(AT_ONCE, move |news_of| {
            let cache = cache.clone();
            async move {
                match news_of {
                    News::Changed(feed) => {
                        cache.heard.fetch_add(1, Ordering::AcqRel);
                        cache.look_again_at(cache.copies_of(feed)).await;
                    }
                    News::Missed => {
                        cache.heard.fetch_add(1, Ordering::AcqRel);
                        cache.doubt_all();
                    }
                    News::KeyEnds(_) => {}
                }
            }
        }));
    }

    fn doubt_all(&self) {
        for (_, held) in &self.held {
            held.freshness.doubt();
        }
        self.epoch.fetch_add(1, Ordering::AcqRel);
    }

    fn copies_of(&self, feed: FeedId) -> Vec<ContentKey> {
        let tenant = self.tenants.get(&feed);
        let types = std::iter::once(None).chain(super::MEDIA_TYPES.map(Some));
        tenant
            .into_iter()
            .flat_map(|tenant| {
                types.clone().map(move |media_type| ContentKey {
                    tenant,
                    feed,
                    media_type,
                })
            })
            .collect()
    }

    async fn look_again_at(&self, keys: Vec<ContentKey>) {
        futures::stream::iter(keys)
            .for_each_concurrent(AT_ONCE, async |key| {
                if let Some(held) = self.held.get(&key).await {
                    let _answer = timeout(LONGEST_LOOK, self.clone().look_again(key, held)).await;
                }
            })
            .await;
    }

    /// The content as it is now; the copy while the database is away.
    async fn look_again(self, key: ContentKey, held: Arc<Held>) -> Result<Arc<Held>, FeedError> {
        match self.newer(&key, &held).await {
            Ok(None) => {
                held.confirm(self.clock.now());
                Ok(held)
            }
            Ok(Some(fresh)) => Ok(self.replace(key, fresh).await),
            Err(FeedError::NotFound) => {
                self.held.invalidate(&key).await;
                self.epoch.fetch_add(1, Ordering::AcqRel);
                Err(FeedError::NotFound)
            }
            Err(error) => {
                tracing::warn!(error = %error, feed.id = %key.feed, "a feed could not be looked at again; the copy stays");
                held.freshness.fail();
                Ok(held)
            }
        }
    }

    /// Two looks at once may end in either order; the later version stays.
    async fn replace(&self, key: ContentKey, fresh: Arc<Held>) -> Arc<Held> {
        let version = |held: &Held| held.content.feed.version;
        let kept = self.held.entry(key).and_upsert_with(async |known| {
            let known = known.map(Entry::into_value);
            known
                .filter(|known| version(known) > version(&fresh))
                .unwrap_or_else(|| fresh.clone())
        });
        let kept = kept.await.into_value();
        self.epoch.fetch_add(1, Ordering::AcqRel);
        kept
    }

    /// The content as it is now, where it is another.
    async fn newer(&self, key: &ContentKey, held: &Held) -> Result<Option<Arc<Held>>, FeedError> {
        let feed = self.loader.feed(key).await?;
        if feed == held.content.feed {
            return Ok(None);
        }
        self.load(key).await.map(Some)
    }
}
