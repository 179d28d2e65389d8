//! Which feed is meant where a visitor names none.

use super::{
    FeedError,
    change_events::{News, heard},
    loader::Loader,
};
use futures::StreamExt;
use std::{pin::pin, sync::Arc, time::Duration};
use tokio::{sync::broadcast::Receiver, time::timeout};
use vitrine_base::{
    cache::{Bounds, Memory, Origin, Pace, Reading},
    clock::SharedClock,
    freshness::PATIENCE,
};
use vitrine_entity::{FeedId, TenantId};

/// A tenant that nobody asked about for so long is forgotten.
const FORGOTTEN_AFTER: Duration = Duration::from_hours(24);
const MOST_TENANTS: u64 = 1_000_000;

/// Main feeds as the database has them.
struct Choices {
    loader: Arc<Loader>,
}

impl Origin for Choices {
    type Key = TenantId;
    type Copy = FeedId;
    type Error = FeedError;

    const NAME: &'static str = "a main feed";

    async fn load(&self, tenant: &TenantId) -> Result<Reading<FeedId>, FeedError> {
        Ok(Reading {
            copy: self.loader.main_feed(*tenant).await?,
            doubtful: false,
        })
    }

    async fn newer(
        &self,
        tenant: &TenantId,
        feed: &FeedId,
        _pace: Pace,
    ) -> Result<Option<Reading<FeedId>>, FeedError> {
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
pub(super) struct MainFeeds(Memory<Choices>);

impl MainFeeds {
    pub(super) fn new(loader: Arc<Loader>, clock: SharedClock) -> Self {
        let choices = Choices { loader };
        let bounds = Bounds::count(MOST_TENANTS, FORGOTTEN_AFTER);
        Self(Memory::new(choices, clock, bounds))
    }

    /// The main feed of a tenant.
    pub(super) async fn of(&self, tenant: TenantId) -> Result<FeedId, FeedError> {
        self.0.get(&tenant).await.map(|held| held.copy)
    }

    /// Looks again at once where a tenant has other feeds than before.
    pub(super) fn heed(&self, news: Receiver<News>) {
        let feeds = self.clone();
        tokio::spawn(async move {
            let mut news = pin!(heard(news));
            while let Some(told) = news.next().await {
                match told {
                    News::FeedsOf(tenant) => feeds.look_again(&tenant).await,
                    News::Missed => feeds.0.doubt_all(),
                    News::Changed(_) | News::KeyEnds(_) => {}
                }
            }
        });
    }

    async fn look_again(&self, tenant: &TenantId) {
        self.0.hear_of_change();
        if let Some(held) = self.0.peek(tenant).await {
            // What came of it stands in the memory.
            let _answer = timeout(PATIENCE, self.0.clone().look_again(held, Pace::Now)).await;
        }
    }
}
