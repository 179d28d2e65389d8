//! Which feed is meant where a visitor names none.

use super::{
    FeedError,
    changes::{News, heard},
    loading::Loader,
};
use crate::freshness::{Freshness, PATIENCE};
use futures::StreamExt;
use moka::future::Cache;
use std::{pin::pin, sync::Arc, time::Duration};
use tokio::{sync::broadcast::Receiver, time::timeout};
use vitrine_entity::{FeedId, TenantId};

/// A tenant that nobody asked about for so long is forgotten.
const FORGOTTEN_AFTER: Duration = Duration::from_hours(24);
const MOST_TENANTS: u64 = 1_000_000;

#[derive(Debug)]
struct Known {
    feed: FeedId,
    freshness: Freshness,
}

/// The main feeds of tenants, as old as contents may become; what is known stays known while the database
/// is away.
#[derive(Clone)]
pub(super) struct MainFeeds {
    loader: Arc<Loader>,
    known: Cache<TenantId, Arc<Known>>,
    tenants: Cache<FeedId, TenantId>,
}

impl MainFeeds {
    pub(super) fn new(loader: Arc<Loader>) -> Self {
        Self {
            loader,
            known: memory(),
            tenants: memory(),
        }
    }

    /// The main feed of a tenant.
    pub(super) async fn of(&self, tenant: TenantId) -> Result<FeedId, FeedError> {
        let known = self.known_or_loaded(tenant).await?;
        let again = || self.clone().look_again(tenant, known.clone());
        let first = || self.clone().look_once(tenant, known.clone());
        let looked = known.freshness.see_to(again, first).await;
        looked.unwrap_or(Ok(known.feed))
    }

    async fn known_or_loaded(&self, tenant: TenantId) -> Result<Arc<Known>, FeedError> {
        let known = self.known.try_get_with(tenant, self.load(tenant)).await;
        known.map_err(|error| (*error).clone())
    }

    /// Looks, unless somebody else did while this one waited for the turn.
    async fn look_once(self, tenant: TenantId, known: Arc<Known>) -> Result<FeedId, FeedError> {
        let _turn = known.freshness.turn().await;
        let current = self.known_or_loaded(tenant).await?;
        if current.freshness.is_overdue() {
            self.look_again(tenant, current).await
        } else {
            Ok(current.feed)
        }
    }

    /// Looks again at once where a feed changed, because it may be gone. Anything else that could make
    /// another feed the main one waits for its age.
    pub(super) fn heed(&self, news: Receiver<News>) {
        let feeds = self.clone();
        tokio::spawn(async move {
            let mut news = pin!(heard(news));
            while let Some(told) = news.next().await {
                match told {
                    News::Changed(feed) => feeds.feed_changed(feed).await,
                    News::KeyEnds(_) | News::Missed => {}
                }
            }
        });
    }

    async fn feed_changed(&self, feed: FeedId) {
        let Some(tenant) = self.tenants.get(&feed).await else {
            return;
        };
        if let Some(known) = self.known.get(&tenant).await {
            // What came of it stands in the memory.
            let _answer = timeout(PATIENCE, self.clone().look_again(tenant, known)).await;
        }
    }

    async fn load(&self, tenant: TenantId) -> Result<Arc<Known>, FeedError> {
        let feed = self.loader.main_feed(tenant).await?;
        self.tenants.insert(feed, tenant).await;
        Ok(Arc::new(Known {
            feed,
            freshness: Freshness::new(),
        }))
    }

    async fn look_again(self, tenant: TenantId, known: Arc<Known>) -> Result<FeedId, FeedError> {
        match self.load(tenant).await {
            Ok(fresh) => {
                let feed = fresh.feed;
                self.known.insert(tenant, fresh).await;
                Ok(feed)
            }
            Err(FeedError::NotFound) => {
                self.known.invalidate(&tenant).await;
                Err(FeedError::NotFound)
            }
            Err(error) => {
                tracing::warn!(error = %error, tenant.id = %tenant, "a main feed could not be looked up again; the known one stays");
                known.freshness.fail();
                Ok(known.feed)
            }
        }
    }
}

fn memory<K: std::hash::Hash + Eq + Send + Sync + 'static, V: Clone + Send + Sync + 'static>() -> Cache<K, V>
{
    Cache::builder()
        .max_capacity(MOST_TENANTS)
        .time_to_idle(FORGOTTEN_AFTER)
        .build()
}
