//! Copies of what the database holds, in memory.
//!
//! A cold one is read once for all who ask. A stale one is shown and looked at again behind the reader's
//! back; one that was not looked at for long is looked at first, once for all who wait. While the database
//! is away, what is there stays.

mod capacity;
mod entry;
mod epoch;
mod source;

use crate::clock::SharedClock;
pub use capacity::Bounds;
pub use entry::Held;
pub use epoch::Happenings;
use futures::FutureExt;
use moka::{
    future::{Cache, CacheBuilder},
    ops::compute::{CompResult, Op},
};
pub use source::{Origin, Pace, Reading};
use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

/// Copies by their keys. Clones share them.
pub struct Memory<O: Origin> {
    origin: Arc<O>,
    clock: SharedClock,
    held: Cache<O::Key, Arc<Held<O>>>,
    ends: Happenings,
    changes: Happenings,
}

impl<O: Origin> Clone for Memory<O> {
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

impl<O: Origin> Memory<O> {
    /// An empty memory of what is read from `origin`.
    pub fn new(origin: O, clock: SharedClock, bounds: Bounds<O::Copy>) -> Self {
        Self::counting(origin, clock, bounds, Happenings::default())
    }

    /// The same, where the origin too wants to know of what ends.
    pub fn counting(origin: O, clock: SharedClock, bounds: Bounds<O::Copy>, ends: Happenings) -> Self {
        let weigh = bounds.weigh;
        let held = CacheBuilder::new(bounds.most)
            .weigher(move |_: &O::Key, held: &Arc<Held<O>>| weigh(&held.copy))
            .time_to_idle(bounds.forgotten_after)
            // Nobody hears of changes to what is no longer here.
            .eviction_listener(|_, held: Arc<Held<O>>, _| held.outdated.store(true, Ordering::Release))
            .build();
        Self {
            origin: Arc::new(origin),
            clock,
            held,
            ends,
            changes: Happenings::default(),
        }
    }

    /// Where its copies come from.
    pub fn origin(&self) -> &O {
        &self.origin
    }

    /// What all copies weigh, and how many there are.
    pub fn usage(&self) -> (u64, u64) {
        (self.held.weighted_size(), self.held.entry_count())
    }

    /// Every copy.
    pub fn all(&self) -> impl Iterator<Item = Arc<Held<O>>> {
        self.held.iter().map(|(_, held)| held)
    }

    /// The copy as it stands.
    pub async fn peek(&self, key: &O::Key) -> Option<Arc<Held<O>>> {
        self.held.get(key).await
    }

    /// A copy that can be shown without waiting for anything.
    pub fn at_hand(&self, key: &O::Key) -> Option<Arc<Held<O>>> {
        let held = self.held.get(key).now_or_never()??;
        self.can_be_shown(&held).then_some(held)
    }

    /// Whether a copy that somebody kept for a while is still the one in memory and can be shown without
    /// waiting; has it looked at again behind the reader's back where that is due.
    pub fn can_be_shown(&self, held: &Arc<Held<O>>) -> bool {
        let again = || self.clone().look_again(held.clone(), Pace::Soon);
        !held.outdated.load(Ordering::Acquire) && held.freshness.can_be_shown(again)
    }

    /// The copy; one that was not looked at for long is looked at first.
    ///
    /// # Errors
    /// When there is no such thing, or no copy while the database is away.
    pub async fn get(&self, key: &O::Key) -> Result<Arc<Held<O>>, O::Error> {
        let held = self.held_or_loaded(key).await?;
        let again = || self.clone().look_again(held.clone(), Pace::Soon);
        let first = || self.clone().look_once(held.clone());
        match held.freshness.see_to(again, first).await {
            Some(Err(error)) if O::is_gone(&error) => Err(error),
            Some(Ok(looked)) => Ok(looked),
            // Dropped meanwhile for want of room, and the database is away.
            Some(Err(_)) | None => Ok(held),
        }
    }

    async fn held_or_loaded(&self, key: &O::Key) -> Result<Arc<Held<O>>, O::Error> {
        let (ends, changes) = (self.ends.count(), self.changes.count());
        let loaded = AtomicBool::new(false);
        let load = async {
            let read = self.origin.load(key).await;
            loaded.store(true, Ordering::Relaxed);
            read.map(|read| self.hold(key, read))
        };
        let held = self.held.try_get_with_by_ref(key, load).await;
        if loaded.into_inner()
            && let Ok(held) = &held
        {
            if ends != self.ends.count() {
                // Who forgot it before it was there had nothing to forget.
                self.held.invalidate(key).await;
            }
            self.look_after_changes(held, changes);
        }
        held.map_err(|error| (*error).clone())
    }

    /// Has what was just put here looked at again, if a change was heard of since there were so many: whoever heard of
    /// it found nothing here, or what was here before.
    fn look_after_changes(&self, held: &Arc<Held<O>>, changes: u64) {
        if changes != self.changes.count() {
            tokio::spawn(self.clone().look_at(held.key.clone()));
        }
    }

    async fn look_at(self, key: O::Key) {
        if let Some(held) = self.peek(&key).await {
            // What came of it stands in the memory.
            let _answer = self.look_again(held, Pace::Soon).await;
        }
    }

    fn hold(&self, key: &O::Key, read: Reading<O::Copy>) -> Arc<Held<O>> {
        let held = Held::apart(key.clone(), read.copy, self.clock.now());
        if read.doubtful {
            held.freshness.doubt();
        }
        Arc::new(held)
    }

    /// Looks, unless somebody else did while this one waited for the turn.
    async fn look_once(self, held: Arc<Held<O>>) -> Result<Arc<Held<O>>, O::Error> {
        let _turn = held.freshness.turn().await;
        let current = self.held_or_loaded(&held.key).await?;
        if current.freshness.is_overdue() {
            self.look_again(current, Pace::Now).await
        } else {
            Ok(current)
        }
    }

    /// What it is now; the copy while the database is away. A copy is replaced and never dropped before.
    ///
    /// # Errors
    /// When it is gone.
    pub async fn look_again(self, held: Arc<Held<O>>, pace: Pace) -> Result<Arc<Held<O>>, O::Error> {
        let before = (self.ends.count(), self.changes.count());
        match self.origin.newer(&held.key, &held.copy, pace).await {
            Ok(None) => {
                held.confirm(self.clock.now());
                Ok(held)
            }
            Ok(Some(read)) => Ok(self.replace(&held, self.hold(&held.key, read), before).await),
            Err(error) if O::is_gone(&error) => {
                self.forget(&held.key).await;
                Err(error)
            }
            Err(error) => {
                tracing::warn!(error = %error, key = ?held.key, "could not revalidate {}; the cached copy stays", O::NAME);
                held.freshness.fail();
                Ok(held)
            }
        }
    }

    /// Puts what was read in the place of the copy that was looked at, or of what is older. What was forgotten while it
    /// was read is not put back.
    async fn replace(
        &self,
        looked_at: &Arc<Held<O>>,
        read: Arc<Held<O>>,
        (ends, changes): (u64, u64),
    ) -> Arc<Held<O>> {
        let takes_the_place_of =
            |known: &Arc<Held<O>>| Arc::ptr_eq(known, looked_at) || O::replaces(&read.copy, &known.copy);
        let decided = self
            .held
            .entry(read.key.clone())
            .and_compute_with(async |known| match known {
                // A database that was put back to an older state is right all the same.
                Some(known) if takes_the_place_of(known.value()) => Op::Put(read.clone()),
                _ => Op::Nop,
            });
        let replaced = match decided.await {
            CompResult::Unchanged(known) => return known.into_value(),
            _ => read,
        };
        if ends != self.ends.count() {
            // Maybe this one, between the two: the next reader has it looked at.
            replaced.freshness.doubt();
        }
        self.look_after_changes(&replaced, changes);
        replaced
    }

    /// Whoever asks next reads it anew.
    pub async fn forget(&self, key: &O::Key) {
        // In this order, so that whoever reads it meanwhile finds out after having put it.
        self.mistrust_reads();
        self.held.invalidate(key).await;
    }

    /// A change was heard of. To be told before the copies are looked at that it concerns: what is being read at this
    /// moment, and is not here yet, is looked at once more when it is.
    pub fn hear_of_change(&self) {
        self.changes.one_more();
    }

    /// What is read at this moment is not kept as it is: something ended that may be among it.
    pub fn mistrust_reads(&self) {
        self.ends.one_more();
    }

    /// Has the next reader of each copy look at it.
    pub fn doubt_all(&self) {
        self.mistrust_reads();
        self.all().for_each(|held| held.freshness.doubt());
    }
}

#[cfg(test)]
mod tests;
