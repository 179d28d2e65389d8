//! Which feed is meant where a visitor names none.

use crate::{
    FeedError,
    changes::change_events::{ChangeEvent, event_stream},
    serving::loader::Loader,
};
use futures::StreamExt;
use std::{pin::pin, sync::Arc, time::Duration};
use tokio::{sync::broadcast::Receiver, time::timeout};
use vitrine_base::{
    cache::{Capacity, Loaded, REVALIDATION_TIMEOUT, RevalidatingCache, Source, Urgency},
    clock::SharedClock,
};
use vitrine_entity::{FeedId, TenantId};

/// A tenant that nobody asked about for so long is forgotten.
const FORGOTTEN_AFTER: Duration = Duration::from_hours(24);
const MOST_TENANTS: u64 = 1_000_000;

/// Main feeds as the database has them.
struct MainFeedSource {
    loader: Arc<Loader>,
}

impl Source for MainFeedSource {
    type Key = TenantId;
    type Value = FeedId;
    type Error = FeedError;

    const NAME: &'static str = "a main feed";

    async fn load(&self, tenant: &TenantId) -> Result<Loaded<FeedId>, FeedError> {
        Ok(Loaded {
            copy: self.loader.main_feed(*tenant).await?,
            maybe_stale: false,
        })
    }

    async fn load_if_changed(
        &self,
        tenant: &TenantId,
        feed: &FeedId,
        _urgency: Urgency,
    ) -> Result<Option<Loaded<FeedId>>, FeedError> {
        let read = self.load(tenant).await?;
        Ok((read.copy != *feed).then_some(read))
    }

    fn is_gone(error: &FeedError) -> bool {
        matches!(error, FeedError::NotFound)
    }
}

/// The main feeds of tenants, as old as contents may become; what is known stays known while the database
/// is away.
#[derive(Clone)]
pub(crate) struct MainFeeds(RevalidatingCache<MainFeedSource>);

impl MainFeeds {
    pub(crate) fn new(loader: Arc<Loader>, clock: SharedClock) -> Self {
        let choices = MainFeedSource { loader };
        let bounds = Capacity::entries(MOST_TENANTS, FORGOTTEN_AFTER);
        Self(RevalidatingCache::new(choices, clock, bounds))
    }

    /// The main feed of a tenant.
    pub(crate) async fn of(&self, tenant: TenantId) -> Result<FeedId, FeedError> {
        self.0.get(&tenant).await.map(|held| held.copy)
    }

    /// Looks again at once where a tenant has other feeds than before, until nobody reports any more.
    pub(crate) fn follow(&self, news: Receiver<ChangeEvent>) -> impl Future<Output = ()> + Send + use<> {
        let feeds = self.clone();
        async move {
            let mut news = pin!(event_stream(news));
            while let Some(told) = news.next().await {
                match told {
                    ChangeEvent::FeedsOf(tenant) => feeds.revalidate(&tenant).await,
                    ChangeEvent::Missed => feeds.0.mark_all_stale(),
                    ChangeEvent::Changed(_) | ChangeEvent::KeyEnds(_) => {}
                }
            }
        }
    }

    async fn revalidate(&self, tenant: &TenantId) {
        self.0.advance_changes();
        if let Some(held) = self.0.peek(tenant).await {
            // What came of it stands in the memory.
            let _answer = timeout(
                REVALIDATION_TIMEOUT,
                self.0.clone().revalidate(held, Urgency::Now),
            )
            .await;
        }
    }
}
