//! How a copy is read, and looked at again while others show it.
//!
//! Every read is framed by the same question: did anything happen to rows between its start and its end? The counts of
//! ends and changes are taken before, and compared after. What happened in between may be in what was read or not, so
//! a copy is then dropped, marked or looked at once more, never trusted.

use super::{CacheEntry, Loaded, RevalidatingCache, Source, Urgency};
use moka::ops::compute::{CompResult, Op};
use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

impl<S: Source> RevalidatingCache<S> {
    pub(super) async fn get_or_load(&self, key: &S::Key) -> Result<Arc<CacheEntry<S>>, S::Error> {
        let (ends, changes) = (self.ends.current(), self.changes.current());
        // One load runs for all who ask at once. Only the asker whose load ran checks what came of it.
        let loaded = AtomicBool::new(false);
        let load = async {
            let read = self.origin.load(key).await;
            loaded.store(true, Ordering::Relaxed);
            read.map(|read| self.new_entry(key, read))
        };
        let held = self.held.try_get_with_by_ref(key, load).await;
        if loaded.into_inner()
            && let Ok(held) = &held
        {
            if ends != self.ends.current() {
                // Who forgot it before it was there had nothing to forget.
                self.held.invalidate(key).await;
            }
            self.revalidate_after_changes(held, changes);
        }
        held.map_err(|error| (*error).clone())
    }

    /// Has what was just put here looked at again, if a change was heard of since there were so many: whoever heard of
    /// it found nothing here, or what was here before.
    fn revalidate_after_changes(&self, held: &Arc<CacheEntry<S>>, changes: u64) {
        if changes != self.changes.current() {
            tokio::spawn(self.clone().revalidate_key(held.key.clone()));
        }
    }

    async fn revalidate_key(self, key: S::Key) {
        if let Some(held) = self.peek(&key).await {
            // What came of it stands in the memory.
            let _answer = self.revalidate(held, Urgency::Soon).await;
        }
    }

    fn new_entry(&self, key: &S::Key, read: Loaded<S::Value>) -> Arc<CacheEntry<S>> {
        let held = CacheEntry::detached(key.clone(), read.copy, self.clock.now());
        if read.maybe_stale {
            held.freshness.mark_stale();
        }
        Arc::new(held)
    }

    /// Looks, unless somebody else did while this one waited for the turn.
    pub(super) async fn revalidate_once(
        self,
        held: Arc<CacheEntry<S>>,
    ) -> Result<Arc<CacheEntry<S>>, S::Error> {
        let _turn = held.freshness.turn().await;
        // By its key, not as it was: the one before in line may have replaced or dropped it.
        let current = self.get_or_load(&held.key).await?;
        if current.freshness.is_expired() {
            self.revalidate(current, Urgency::Now).await
        } else {
            Ok(current)
        }
    }

    /// What it is now; the copy while the database is away. A copy is replaced and never dropped before.
    ///
    /// # Errors
    /// When it is gone.
    pub async fn revalidate(
        self,
        held: Arc<CacheEntry<S>>,
        urgency: Urgency,
    ) -> Result<Arc<CacheEntry<S>>, S::Error> {
        let before = (self.ends.current(), self.changes.current());
        match self.origin.load_if_changed(&held.key, &held.copy, urgency).await {
            Ok(None) => {
                held.mark_fresh(self.clock.now());
                Ok(held)
            }
            Ok(Some(read)) => Ok(self.replace(&held, self.new_entry(&held.key, read), before).await),
            Err(error) if S::is_gone(&error) => {
                self.forget(&held.key).await;
                Err(error)
            }
            Err(error) => {
                // The row may well be there, only nobody can tell: an old copy shows more than an error.
                tracing::warn!(error = %error, key = ?held.key, "could not revalidate {}; the cached copy stays", S::NAME);
                held.freshness.mark_failed();
                Ok(held)
            }
        }
    }

    /// Puts what was read in the place of the copy that was looked at, or of what is older. What was forgotten while it
    /// was read is not put back.
    async fn replace(
        &self,
        looked_at: &Arc<CacheEntry<S>>,
        read: Arc<CacheEntry<S>>,
        (ends, changes): (u64, u64),
    ) -> Arc<CacheEntry<S>> {
        let takes_the_place_of = |known: &Arc<CacheEntry<S>>| {
            Arc::ptr_eq(known, looked_at) || S::replaces(&read.copy, &known.copy)
        };
        // Compared and put in one step: two looks at once may end in either order, and the one that read first
        // must not undo what the other has put here meanwhile.
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
        if ends != self.ends.current() {
            // Maybe this one, between the two: the next reader has it looked at.
            replaced.freshness.mark_stale();
        }
        self.revalidate_after_changes(&replaced, changes);
        replaced
    }
}
