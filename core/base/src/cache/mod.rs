//! Copies of what the database holds, in memory.
//!
//! A cold one is read once for all who ask. A stale one is shown and looked at again behind the reader's
//! back; one that was not looked at for long is looked at first, once for all who wait. While the database
//! is away, what is there stays.

mod capacity;
mod entry;
mod epoch;
mod freshness;
mod revalidation;
mod source;

use crate::clock::SharedClock;
pub use crate::database::Urgency;
pub use capacity::Capacity;
pub use entry::CacheEntry;
pub use epoch::Epoch;
pub use freshness::REVALIDATION_TIMEOUT;
use futures::FutureExt;
use moka::future::{Cache, CacheBuilder};
pub use source::{Loaded, Source};
use std::sync::{Arc, atomic::Ordering};

/// Copies by their keys. Clones share them.
pub struct RevalidatingCache<S: Source> {
    origin: Arc<S>,
    clock: SharedClock,
    held: Cache<S::Key, Arc<CacheEntry<S>>>,
    ends: Epoch,
    changes: Epoch,
}

impl<S: Source> Clone for RevalidatingCache<S> {
    fn clone(&self) -> Self {
        Self {
            origin: self.origin.clone(),
            clock: self.clock.clone(),
            held: self.held.clone(),
            ends: self.ends.clone(),
            changes: self.changes.clone(),
        }
    }
}

impl<S: Source> RevalidatingCache<S> {
    /// An empty memory of what is read from `origin`.
    pub fn new(origin: S, clock: SharedClock, bounds: Capacity<S::Value>) -> Self {
        Self::counting(origin, clock, bounds, Epoch::default())
    }

    /// The same, where the origin too wants to know of what ends.
    pub fn counting(origin: S, clock: SharedClock, bounds: Capacity<S::Value>, ends: Epoch) -> Self {
        let weigher = bounds.weigher;
        let held = CacheBuilder::new(bounds.most)
            .weigher(move |_: &S::Key, held: &Arc<CacheEntry<S>>| weigher(&held.copy))
            .time_to_idle(bounds.forgotten_after)
            // Nobody hears of changes to what is no longer here.
            .eviction_listener(|_, held: Arc<CacheEntry<S>>, _| held.outdated.store(true, Ordering::Release))
            .build();
        Self {
            origin: Arc::new(origin),
            clock,
            held,
            ends,
            changes: Epoch::default(),
        }
    }

    /// Where its copies come from.
    pub fn origin(&self) -> &S {
        &self.origin
    }

    /// What all copies weigh, and how many there are.
    pub fn usage(&self) -> (u64, u64) {
        (self.held.weighted_size(), self.held.entry_count())
    }

    /// Every copy.
    pub fn all(&self) -> impl Iterator<Item = Arc<CacheEntry<S>>> {
        self.held.iter().map(|(_, held)| held)
    }

    /// The copy as it stands.
    pub async fn peek(&self, key: &S::Key) -> Option<Arc<CacheEntry<S>>> {
        self.held.get(key).await
    }

    /// A copy that can be shown without waiting for anything.
    pub fn cached(&self, key: &S::Key) -> Option<Arc<CacheEntry<S>>> {
        let held = self.held.get(key).now_or_never()??;
        self.is_servable(&held).then_some(held)
    }

    /// Whether a copy that somebody kept for a while is still the one in memory and can be shown without
    /// waiting; has it looked at again behind the reader's back where that is due.
    pub fn is_servable(&self, held: &Arc<CacheEntry<S>>) -> bool {
        let again = || self.clone().revalidate(held.clone(), Urgency::Soon);
        !held.outdated.load(Ordering::Acquire) && held.freshness.is_servable(again)
    }

    /// The copy; one that was not looked at for long is looked at first.
    ///
    /// # Errors
    /// When there is no such thing, or no copy while the database is away.
    pub async fn get(&self, key: &S::Key) -> Result<Arc<CacheEntry<S>>, S::Error> {
        let held = self.get_or_load(key).await?;
        let again = || self.clone().revalidate(held.clone(), Urgency::Soon);
        let first = || self.clone().revalidate_once(held.clone());
        match held.freshness.revalidate_if_stale(again, first).await {
            Some(Err(error)) if S::is_gone(&error) => Err(error),
            Some(Ok(looked)) => Ok(looked),
            // Dropped meanwhile for want of room, and the database is away.
            Some(Err(_)) | None => Ok(held),
        }
    }

    /// Whoever asks next reads it anew.
    pub async fn forget(&self, key: &S::Key) {
        // In this order, so that whoever reads it meanwhile finds out after having put it.
        self.invalidate_reads();
        self.held.invalidate(key).await;
    }

    /// A change was heard of. To be called before the copies are looked at that it concerns: what is being read at this
    /// moment, and is not here yet, is looked at once more when it is.
    pub fn advance_changes(&self) {
        self.changes.advance();
    }

    /// What is read at this moment is not kept as it is: something ended that may be among it.
    pub fn invalidate_reads(&self) {
        self.ends.advance();
    }

    /// Has the next reader of each copy look at it.
    pub fn mark_all_stale(&self) {
        self.invalidate_reads();
        self.all().for_each(|held| held.freshness.mark_stale());
    }
}

#[cfg(test)]
mod tests;
