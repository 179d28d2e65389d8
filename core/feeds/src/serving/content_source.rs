//! Where contents in memory come from.

use super::{loader::Loader, unpacked_contents::UnpackedContents};
use crate::{
    FeedError,
    content::{feed_content::ContentKey, packed_content::PackedContent},
};
use moka::sync::Cache;
use std::{sync::Arc, time::Duration};
use vitrine_base::cache::{Loaded, Source, Urgency};
use vitrine_entity::{FeedId, TenantId};

/// Feeds whose tenant is remembered, so that news of them find their copies.
const MOST_FEEDS: u64 = 1_000_000;

/// Contents as the database has them.
pub(crate) struct ContentSource {
    loader: Arc<Loader>,
    tenants: Cache<FeedId, TenantId>,
    /// Contents that pages are written of at the moment.
    pub(super) unpacked: UnpackedContents,
}

impl ContentSource {
    /// A source that remembers for so long whose feeds it was asked for.
    pub(super) fn new(loader: Arc<Loader>, unpacked: UnpackedContents, remembered_for: Duration) -> Self {
        let tenants = Cache::builder()
            .max_capacity(MOST_FEEDS)
            .time_to_idle(remembered_for)
            .build();
        Self {
            loader,
            tenants,
            unpacked,
        }
    }

    /// Whose feed it is, if it was read lately.
    pub(super) fn tenant_of(&self, feed: FeedId) -> Option<TenantId> {
        self.tenants.get(&feed)
    }
}

impl Source for ContentSource {
    type Key = ContentKey;
    type Value = PackedContent;
    type Error = FeedError;

    const NAME: &'static str = "a feed";

    async fn load(&self, key: &ContentKey) -> Result<Loaded<PackedContent>, FeedError> {
        let content = self.loader.load(key).await?;
        // Only now it is known to be the tenant's: whoever asks for another's feed must not turn its news away.
        self.tenants.insert(key.feed, key.tenant);
        Ok(Loaded {
            copy: self.unpacked.pack(content).await?,
            maybe_stale: false,
        })
    }

    async fn load_if_changed(
        &self,
        key: &ContentKey,
        copy: &PackedContent,
        urgency: Urgency,
    ) -> Result<Option<Loaded<PackedContent>>, FeedError> {
        // Remembered for as long as the feed is read: news of it would find no copy otherwise.
        self.tenants.insert(key.feed, key.tenant);
        if self.loader.is_same(key, &copy.header.feed, urgency).await? {
            return Ok(None);
        }
        self.load(key).await.map(Some)
    }

    fn is_gone(error: &FeedError) -> bool {
        matches!(error, FeedError::NotFound)
    }

    fn replaces(read: &PackedContent, known: &PackedContent) -> bool {
        read.header.feed.version >= known.header.feed.version
            && !Loader::is_same_state(&read.header.feed, &known.header.feed)
    }
}
