//! Rendered feeds in memory.

use super::{
    FeedError,
    changes::News,
    render::{PageKey, RenderedFeed, Renderer},
};
use futures::StreamExt;
use moka::future::Cache;
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};
use tokio::{
    sync::broadcast::{Receiver, error::RecvError},
    time::timeout,
};
use vitrine_entity::FeedId;

/// A copy older than this is looked at again behind the visitor's back: for one that is read all the
/// time, the longest that a change goes unnoticed when the news of it was lost.
const FRESH: Duration = Duration::from_secs(5);
/// A copy older than this is looked at again before it is shown: what bounds the age of one that is
/// seldom read.
const SHOWN_UNSEEN: Duration = Duration::from_secs(30);
/// How long that look may take while there is a copy to fall back on.
const PATIENCE: Duration = Duration::from_millis(300);
/// No look holds up the others for longer.
const LONGEST_LOOK: Duration = Duration::from_secs(5);
/// Copies that are looked at again at once.
const AT_ONCE: usize = 8;
/// A copy that nobody read for so long is dropped.
const DROPPED_AFTER: Duration = Duration::from_hours(24);
/// Bytes of all copies together.
const MOST_BYTES: u64 = 64 * 1024 * 1024;

#[derive(Clone)]
struct Copy {
    rendered: Arc<RenderedFeed>,
    checked: Instant,
    being_checked: Arc<AtomicBool>,
}

impl Copy {
    fn new(rendered: RenderedFeed) -> Self {
        Self {
            rendered: Arc::new(rendered),
            checked: Instant::now(),
            being_checked: Arc::default(),
        }
    }

    /// True for the one reader who should have it looked at.
    fn is_stale(&self) -> bool {
        self.checked.elapsed() > FRESH && !self.being_checked.swap(true, Ordering::Relaxed)
    }
}

/// Copies by tenant, feed and query. A cold one is rendered once for all who ask.
#[derive(Clone)]
pub(super) struct FeedCache {
    renderer: Arc<Renderer>,
    copies: Cache<PageKey, Copy>,
}

impl FeedCache {
    pub(super) fn new(renderer: Arc<Renderer>) -> Self {
        let copies = Cache::builder()
            .weigher(|_: &PageKey, copy: &Copy| {
                u32::try_from(copy.rendered.body.len() + 512).unwrap_or(u32::MAX)
            })
            .max_capacity(MOST_BYTES)
            .time_to_idle(DROPPED_AFTER)
            .build();
        Self { renderer, copies }
    }

    pub(super) async fn get(&self, key: PageKey) -> Result<Arc<RenderedFeed>, FeedError> {
        let render = async { self.renderer.render(&key).await.map(Copy::new) };
        let copy = self
            .copies
            .try_get_with_by_ref(&key, render)
            .await
            .map_err(|error| (*error).clone())?;
        if !copy.is_stale() {
            return Ok(copy.rendered);
        }
        let looking = tokio::spawn(self.clone().look_again(key, copy.clone()));
        if copy.checked.elapsed() > SHOWN_UNSEEN
            && let Ok(Ok(answer)) = timeout(PATIENCE, looking).await
        {
            return answer;
        }
        Ok(copy.rendered)
    }

    /// Looks again at every copy of a feed that the news are about. A copy is replaced and never
    /// dropped before, because the database may be away meanwhile.
    pub(super) fn heed(&self, mut news: Receiver<News>) {
        let cache = self.clone();
        tokio::spawn(async move {
            loop {
                match news.recv().await {
                    Ok(News::Changed(feed)) => cache.look_again_at(Some(feed)).await,
                    Ok(News::Missed) | Err(RecvError::Lagged(_)) => cache.look_again_at(None).await,
                    Err(RecvError::Closed) => return,
                }
            }
        });
    }

    async fn look_again_at(&self, feed: Option<FeedId>) {
        let meant = self
            .copies
            .iter()
            .filter(|(key, _)| feed.is_none_or(|feed| key.feed == feed));
        futures::stream::iter(meant.collect::<Vec<_>>())
            .for_each_concurrent(AT_ONCE, async |(key, copy)| {
                let _answer = timeout(LONGEST_LOOK, self.clone().look_again((*key).clone(), copy)).await;
            })
            .await;
    }

    /// The feed as it is now; the copy while the database is away.
    async fn look_again(self, key: PageKey, copy: Copy) -> Result<Arc<RenderedFeed>, FeedError> {
        match self.newer(&key, &copy).await {
            Ok(rendered) => {
                let fresh = Copy::new(rendered);
                self.copies.insert(key, fresh.clone()).await;
                Ok(fresh.rendered)
            }
            Err(FeedError::NotFound) => {
                self.copies.invalidate(&key).await;
                Err(FeedError::NotFound)
            }
            Err(error) => {
                tracing::warn!(error = %error, feed.id = %key.feed, "a feed could not be looked at again; the copy stays");
                copy.being_checked.store(false, Ordering::Relaxed);
                Ok(copy.rendered)
            }
        }
    }

    async fn newer(&self, key: &PageKey, copy: &Copy) -> Result<RenderedFeed, FeedError> {
        let feed = self.renderer.feed(key).await?;
        let unchanged = feed.version == copy.rendered.version
            && u32::try_from(feed.cache_seconds).ok() == Some(copy.rendered.cache_seconds)
            && feed.allowed_origins.0 == copy.rendered.allowed_origins;
        if unchanged {
            return Ok(RenderedFeed {
                rendered_at: self.renderer.now(),
                ..(*copy.rendered).clone()
            });
        }
        self.renderer.render(key).await
    }
}
