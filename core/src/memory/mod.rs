//! Copies of what the database holds, in memory.
//!
//! A cold one is read once for all who ask. A stale one is shown and looked at again behind the reader's
//! back; one that was not looked at for long is looked at first, once for all who wait. While the database
//! is away, what is there stays.

use crate::{clock::SharedClock, freshness::Freshness};
use chrono::DateTime;
use futures::FutureExt;
use moka::{
    future::{Cache, CacheBuilder},
    ops::compute::{CompResult, Op},
};
use std::{
    fmt::{Debug, Display},
    hash::Hash,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering},
    },
    time::Duration,
};
use vitrine_entity::Time;

/// How soon a look is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pace {
    /// Somebody waits, or is told what is no longer right.
    Now,
    /// Nobody waits: looks of a moment may share one statement.
    Soon,
}

/// What was read.
pub(crate) struct Reading<C> {
    pub(crate) copy: C,
    /// Something changed meanwhile, and nobody can tell whether it was seen.
    pub(crate) doubtful: bool,
}

/// Counts what ended: whatever was read before may be outdated. Clones share the count.
#[derive(Clone, Default)]
pub(crate) struct Ends(Arc<AtomicU64>);

impl Ends {
    /// How many there were so far.
    pub(crate) fn count(&self) -> u64 {
        self.0.load(Ordering::SeqCst)
    }

    fn one_more(&self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

/// Where copies come from.
pub(crate) trait Origin: Send + Sync + 'static {
    type Key: Clone + Debug + Eq + Hash + Send + Sync + 'static;
    type Copy: Send + Sync + 'static;
    type Error: Clone + Display + Send + Sync + 'static;

    /// What it is, in the words of a log line.
    const NAME: &'static str;

    /// Reads it.
    fn load(&self, key: &Self::Key) -> impl Future<Output = Result<Reading<Self::Copy>, Self::Error>> + Send;

    /// Reads it where it is another than `copy`.
    fn newer(
        &self,
        key: &Self::Key,
        copy: &Self::Copy,
        pace: Pace,
    ) -> impl Future<Output = Result<Option<Reading<Self::Copy>>, Self::Error>> + Send;

    /// Whether it is known to be gone, rather than that nobody can tell.
    fn is_gone(error: &Self::Error) -> bool;

    /// Whether what was read is older than what is known: two looks at once may end in either order.
    fn is_older(_read: &Self::Copy, _known: &Self::Copy) -> bool {
        false
    }
}

/// A copy, and when it was last known to be right.
pub(crate) struct Held<O: Origin> {
    pub(crate) key: O::Key,
    pub(crate) copy: O::Copy,
    freshness: Freshness,
    checked_at_micros: AtomicI64,
    outdated: AtomicBool,
}

impl<O: Origin> Held<O> {
    /// A copy that stands in no memory.
    pub(crate) fn apart(key: O::Key, copy: O::Copy, checked_at: Time) -> Self {
        Self {
            key,
            copy,
            freshness: Freshness::new(),
            checked_at_micros: AtomicI64::new(checked_at.timestamp_micros()),
            outdated: AtomicBool::new(false),
        }
    }

    /// When it was last known to be right.
    pub(crate) fn checked_at(&self) -> Time {
        DateTime::from_timestamp_micros(self.checked_at_micros.load(Ordering::Relaxed)).unwrap_or_default()
    }

    fn confirm(&self, now: Time) {
        self.checked_at_micros
            .store(now.timestamp_micros(), Ordering::Relaxed);
        self.freshness.confirm();
    }
}

/// How much is kept, and for how long.
pub(crate) struct Bounds<C> {
    /// The most that all copies may weigh.
    pub(crate) most: u64,
    pub(crate) weigh: fn(&C) -> u32,
    /// A copy that nobody asked for so long is dropped.
    pub(crate) forgotten_after: Duration,
}

impl<C> Bounds<C> {
    /// So many copies, whatever their size.
    pub(crate) fn count(most: u64, forgotten_after: Duration) -> Self {
        Self {
            most,
            weigh: |_| 1,
            forgotten_after,
        }
    }
}

/// Copies by their keys. Clones share them.
pub(crate) struct Memory<O: Origin> {
    origin: Arc<O>,
    clock: SharedClock,
    held: Cache<O::Key, Arc<Held<O>>>,
    ends: Ends,
}

impl<O: Origin> Clone for Memory<O> {
    fn clone(&self) -> Self {
        Self {
            origin: self.origin.clone(),
            clock: self.clock.clone(),
            held: self.held.clone(),
            ends: self.ends.clone(),
        }
    }
}

impl<O: Origin> Memory<O> {
    pub(crate) fn new(origin: O, clock: SharedClock, bounds: Bounds<O::Copy>) -> Self {
        Self::counting(origin, clock, bounds, Ends::default())
    }

    /// The same, where the origin too wants to know of what ends.
    pub(crate) fn counting(origin: O, clock: SharedClock, bounds: Bounds<O::Copy>, ends: Ends) -> Self {
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
        }
    }

    pub(crate) fn origin(&self) -> &O {
        &self.origin
    }

    /// What all copies weigh, and how many there are.
    pub(crate) fn usage(&self) -> (u64, u64) {
        (self.held.weighted_size(), self.held.entry_count())
    }

    /// Every copy.
    pub(crate) fn all(&self) -> impl Iterator<Item = Arc<Held<O>>> {
        self.held.iter().map(|(_, held)| held)
    }

    /// The copy as it stands.
    pub(crate) async fn peek(&self, key: &O::Key) -> Option<Arc<Held<O>>> {
        self.held.get(key).await
    }

    /// A copy that can be shown without waiting for anything.
    pub(crate) fn at_hand(&self, key: &O::Key) -> Option<Arc<Held<O>>> {
        let held = self.held.get(key).now_or_never()??;
        self.can_be_shown(&held).then_some(held)
    }

    /// Whether a copy that somebody kept for a while is still the one in memory and can be shown without
    /// waiting; has it looked at again behind the reader's back where that is due.
    pub(crate) fn can_be_shown(&self, held: &Arc<Held<O>>) -> bool {
        let again = || self.clone().look_again(held.clone(), Pace::Soon);
        !held.outdated.load(Ordering::Acquire) && held.freshness.can_be_shown(again)
    }

    /// The copy; one that was not looked at for long is looked at first.
    ///
    /// # Errors
    /// When there is no such thing, or no copy while the database is away.
    pub(crate) async fn get(&self, key: &O::Key) -> Result<Arc<Held<O>>, O::Error> {
        let held = self.held_or_loaded(key).await?;
        let again = || self.clone().look_again(held.clone(), Pace::Soon);
        let first = || self.clone().look_once(held.clone());
        let looked = held.freshness.see_to(again, first).await;
        looked.unwrap_or(Ok(held))
    }

    async fn held_or_loaded(&self, key: &O::Key) -> Result<Arc<Held<O>>, O::Error> {
        let (before, loaded) = (self.ends.count(), AtomicBool::new(false));
        let load = async {
            let read = self.origin.load(key).await;
            loaded.store(true, Ordering::Relaxed);
            read.map(|read| self.hold(key, read))
        };
        let held = self.held.try_get_with_by_ref(key, load).await;
        if loaded.into_inner() && held.is_ok() && before != self.ends.count() {
            // Who forgot it before it was there had nothing to forget.
            self.held.invalidate(key).await;
        }
        held.map_err(|error| (*error).clone())
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
    pub(crate) async fn look_again(self, held: Arc<Held<O>>, pace: Pace) -> Result<Arc<Held<O>>, O::Error> {
        let before = self.ends.count();
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
                tracing::warn!(error = %error, key = ?held.key, "{} could not be looked at again; the copy stays", O::NAME);
                held.freshness.fail();
                Ok(held)
            }
        }
    }

    /// Puts what was read in the place of the copy that was looked at, or of what is older. What was forgotten while it
    /// was read is not put back.
    async fn replace(&self, looked_at: &Arc<Held<O>>, read: Arc<Held<O>>, before: u64) -> Arc<Held<O>> {
        let decided = self
            .held
            .entry(read.key.clone())
            .and_compute_with(async |known| match known {
                // A database that was put back to an older state is right all the same.
                Some(known)
                    if Arc::ptr_eq(known.value(), looked_at)
                        || !O::is_older(&read.copy, &known.value().copy) =>
                {
                    Op::Put(read.clone())
                }
                _ => Op::Nop,
            });
        let replaced = match decided.await {
            CompResult::Unchanged(known) => return known.into_value(),
            _ => read,
        };
        if before != self.ends.count() {
            // Maybe this one, between the two: the next reader has it looked at.
            replaced.freshness.doubt();
        }
        replaced
    }

    /// Whoever asks next reads it anew.
    pub(crate) async fn forget(&self, key: &O::Key) {
        // In this order, so that whoever reads it meanwhile finds out after having put it.
        self.mistrust_reads();
        self.held.invalidate(key).await;
    }

    /// What is read at this moment is not kept as it is: something ended that may be among it.
    pub(crate) fn mistrust_reads(&self) {
        self.ends.one_more();
    }

    /// Has the next reader of each copy look at it.
    pub(crate) fn doubt_all(&self) {
        self.mistrust_reads();
        self.all().for_each(|held| held.freshness.doubt());
    }
}

#[cfg(test)]
mod tests;
