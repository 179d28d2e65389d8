//! Contents that pages are written of at the moment.

use crate::{
    FeedError,
    content::{feed_content::FeedContent, packed_content::PackedContent},
    serving::processor_work::run_apart,
};
use moka::{policy::EvictionPolicy, sync::Cache};
use std::{sync::Arc, time::Duration};

/// Pages of one feed are asked for in several formats within moments, or never.
const FORGOTTEN_AFTER: Duration = Duration::from_mins(1);
/// More would only hold what nobody writes pages of any more.
const MOST_BYTES: u64 = 8 * 1024 * 1024;

/// The contents that were used last, unpacked. Clones share them.
#[derive(Clone)]
pub(crate) struct UnpackedContents(Cache<u64, Arc<FeedContent>>);

impl UnpackedContents {
    /// Room for so many bytes, or less where that is of no use.
    pub(crate) fn new(most_bytes: u64) -> Self {
        let contents = Cache::builder()
            .weigher(|_: &u64, content: &Arc<FeedContent>| {
                u32::try_from(content.header.weight).unwrap_or(u32::MAX)
            })
            .max_capacity(most_bytes.min(MOST_BYTES))
            // What was just loaded is about to be used, however often others were.
            .eviction_policy(EvictionPolicy::lru())
            .time_to_idle(FORGOTTEN_AFTER)
            .build();
        Self(contents)
    }

    /// Packs a content that is about to be used.
    ///
    /// # Errors
    /// [`FeedError::Unwritable`].
    pub(crate) async fn pack(&self, content: FeedContent) -> Result<PackedContent, FeedError> {
        let content = Arc::new(content);
        self.0.insert(content.header.number, Arc::clone(&content));
        match content.header.is_large() {
            true => run_apart(move || PackedContent::pack(&content)).await,
            false => PackedContent::pack(&content),
        }
    }

    /// The content, unpacked on this thread if need be.
    ///
    /// # Errors
    /// [`FeedError::Unwritable`].
    pub(crate) fn unpack(&self, packed: &PackedContent) -> Result<Arc<FeedContent>, FeedError> {
        let unpack = || packed.unpack().map(Arc::new);
        self.0
            .try_get_with(packed.header.number, unpack)
            .map_err(|error| (*error).clone())
    }

    /// The same for a thread that answers others, which a large one is kept away from.
    ///
    /// # Errors
    /// [`FeedError::Unwritable`].
    pub(crate) async fn unpack_apart(&self, packed: &PackedContent) -> Result<Arc<FeedContent>, FeedError> {
        if let Some(content) = self.0.get(&packed.header.number) {
            return Ok(content);
        }
        if !packed.header.is_large() {
            return self.unpack(packed);
        }
        let (contents, packed) = (self.clone(), packed.clone());
        run_apart(move || contents.unpack(&packed)).await
    }

    /// Most bytes that they take.
    pub(crate) fn most_bytes(&self) -> u64 {
        self.0.policy().max_capacity().unwrap_or_default()
    }

    /// Bytes that they take, and how many there are.
    pub(crate) fn usage(&self) -> (u64, u64) {
        (self.0.weighted_size(), self.0.entry_count())
    }
}
