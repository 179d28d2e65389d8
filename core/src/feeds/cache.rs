//! What feeds show, in memory.

use super::{
    FeedError,
    changes::News,
    content::{ContentKey, FeedContent, Loader},
    freshness::{Freshness, PATIENCE},
};
use crate::clock::SharedClock;
use chrono::DateTime;
use futures::{FutureExt, StreamExt};
use moka::future::Cache;
use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, AtomicU64, Ordering},
    },
    time::Duration,
};
use tokio::{
    sync::broadcast::{Receiver, error::RecvError},
    time::timeout,
};
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

    /// A copy that can be shown as it is, without waiting for anything.
    pub(super) fn at_hand(&self, key: &ContentKey) -> Option<Arc<Held>> {
        let held = self.held.get(key).now_or_never()??;
        (!held.freshness.wants_a_look() && !held.freshness.is_overdue()).then_some(held)
    }

    pub(super) async fn get(&self, key: ContentKey) -> Result<Arc<Held>, FeedError> {
        let load = async { self.load(&key).await };
        let held = self
            .held
            .try_get_with_by_ref(&key, load)
            .await
            .map_err(|error| (*error).clone())?;
        let overdue = held.freshness.is_overdue();
        if !held.freshness.take_look() {
            return Ok(held);
        }
        let looking = tokio::spawn(self.clone().look_again(key, held.clone()));
        if overdue && let Ok(Ok(answer)) = timeout(PATIENCE, looking).await {
            return answer;
        }
        Ok(held)
    }

    async fn load(&self, key: &ContentKey) -> Result<Arc<Held>, FeedError> {
        let content = self.loader.load(key).await?;
        self.tenants.insert(key.feed, key.tenant);
        Ok(Arc::new(Held::new(content, self.clock.now())))
    }

    /// Looks again at every copy of a feed that the news are about. A copy is replaced and never
    /// dropped before, because the database may be away meanwhile.
    pub(super) fn heed(&self, mut news: Receiver<News>) {
        let cache = self.clone();
        tokio::spawn(async move {
            loop {
                match news.recv().await {
                    Ok(News::Changed(feed)) => cache.look_again_at(cache.copies_of(feed)).await,
                    Ok(News::Missed) | Err(RecvError::Lagged(_)) => cache.look_again_at(cache.keys()).await,
                    Err(RecvError::Closed) => return,
                }
            }
        });
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

    fn keys(&self) -> Vec<ContentKey> {
        self.held.iter().map(|(key, _)| (*key).clone()).collect()
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
            Ok(Some(fresh)) => {
                self.held.insert(key, fresh.clone()).await;
                self.epoch.fetch_add(1, Ordering::AcqRel);
                Ok(fresh)
            }
            Err(FeedError::NotFound) => {
                self.held.invalidate(&key).await;
                self.epoch.fetch_add(1, Ordering::AcqRel);
                Err(FeedError::NotFound)
            }
            Err(error) => {
                tracing::warn!(error = %error, feed.id = %key.feed, "a feed could not be looked at again; the copy stays");
                held.freshness.give_up_look();
                Ok(held)
            }
        }
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
