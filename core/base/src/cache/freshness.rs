//! How old what stands in memory may become.
//!
//! Fresh things are shown as they are. What was not looked at for a while is shown and looked at again
//! behind the reader's back; what was not looked at for long is looked at first, once for all who wait,
//! and not for long. While the look leads to nothing, because the database is away, what is there is
//! shown without waiting again and again.

use std::{
    sync::{
        LazyLock,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};
use tokio::{
    sync::{Mutex, MutexGuard},
    time::timeout,
};

/// A copy older than this is looked at again behind the visitor's back: for one that is read all the
/// time, the longest that a change goes unnoticed when the news of it was lost. Change events announce every change
/// within moments, so looks are only the net below them, and ten thousand copies cost five hundred a second.
const FRESH: Duration = Duration::from_secs(20);
/// After a look that led to nothing the next one waits for so long.
const RETRY_INTERVAL: Duration = Duration::from_secs(5);
/// A copy older than this is looked at again before it is shown: what bounds the age of one that is
/// seldom read.
const MAX_STALE: Duration = Duration::from_secs(30);
/// How long that look may take while there is a copy to fall back on.
pub const REVALIDATION_TIMEOUT: Duration = Duration::from_millis(300);

/// A look behind the readers' backs that takes longer leads to nothing, most likely. Looks that nobody waits for are
/// gathered for a moment first.
const SLOW_REVALIDATION: Duration = Duration::from_secs(1);

/// Where time began for this process, a while ago; no clock that is set anew moves it.
static START: LazyLock<Instant> = LazyLock::new(Instant::now);
/// Milliseconds that lie before [`START`], so that something can be older than the process.
const BEFORE: u64 = 3_600_000;

/// What to do before something is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Revalidation {
    /// Nothing.
    None,
    /// Look at it again behind the reader's back; said to one reader only.
    InBackground,
    /// Look at it first.
    BeforeUse,
}

/// When something was last known to be right, and whether somebody looks at it again.
#[derive(Debug)]
pub(super) struct Freshness {
    checked_millis: AtomicU64,
    failed_millis: AtomicU64,
    /// Since when somebody looks at it behind the readers' backs; 0 while nobody does.
    revalidating_since_millis: AtomicU64,
    /// Nothing speaks against it since it was last known to be right.
    is_trusted: AtomicBool,
    turn: Mutex<()>,
}

impl Default for Freshness {
    fn default() -> Self {
        Self::new()
    }
}

impl Freshness {
    /// Of something that is known to be right at this moment.
    pub(super) fn new() -> Self {
        Self {
            checked_millis: AtomicU64::new(millis()),
            failed_millis: AtomicU64::new(0),
            revalidating_since_millis: AtomicU64::new(0),
            is_trusted: AtomicBool::new(true),
            turn: Mutex::new(()),
        }
    }

    /// It is known to be right at this moment.
    pub(super) fn mark_fresh(&self) {
        self.checked_millis.store(millis(), Ordering::Relaxed);
        self.is_trusted.store(true, Ordering::Relaxed);
        self.revalidating_since_millis.store(0, Ordering::Release);
    }

    /// Whether nothing speaks against it: no look failed or took long since it was last known to be right, and nobody
    /// doubted it.
    pub(super) fn is_trusted(&self) -> bool {
        self.is_trusted.load(Ordering::Relaxed) && !self.revalidation_is_slow()
    }

    /// It may be right no longer; whoever says so has it looked at.
    pub(super) fn distrust(&self) {
        self.is_trusted.store(false, Ordering::Relaxed);
    }

    /// Something may have changed: the next reader has it looked at again.
    pub(super) fn mark_stale(&self) {
        self.distrust();
        let latest = millis() - as_millis(FRESH) - 1;
        self.checked_millis.fetch_min(latest, Ordering::Relaxed);
    }

    /// The look led to nothing: for a while nobody waits for another one.
    pub(super) fn mark_failed(&self) {
        self.distrust();
        self.failed_millis.store(millis(), Ordering::Relaxed);
        self.revalidating_since_millis.store(0, Ordering::Release);
    }

    /// What to do before it is shown.
    fn needed(&self) -> Revalidation {
        if self.is_expired() {
            return Revalidation::BeforeUse;
        }
        let due = self.age() > FRESH && !self.failed_lately();
        match due && self.begin_revalidation() {
            true => Revalidation::InBackground,
            false => Revalidation::None,
        }
    }

    /// Whether nobody looks behind the readers' backs yet; then whoever asked does from now on.
    fn begin_revalidation(&self) -> bool {
        let looking = &self.revalidating_since_millis;
        let begun = looking.compare_exchange(0, millis(), Ordering::Acquire, Ordering::Relaxed);
        begun.is_ok()
    }

    /// Whether a look is under way for longer than a database that answers needs.
    fn revalidation_is_slow(&self) -> bool {
        let since_millis = self.revalidating_since_millis.load(Ordering::Relaxed);
        since_millis != 0 && millis().saturating_sub(since_millis) > as_millis(SLOW_REVALIDATION)
    }

    /// Whether it can be shown without waiting; has it looked at again behind the reader's back where that
    /// is due.
    pub(super) fn is_servable<L>(&self, again: impl FnOnce() -> L) -> bool
    where
        L: Future<Output: Send> + Send + 'static,
    {
        let needed = self.needed();
        if needed == Revalidation::InBackground {
            tokio::spawn(again());
        }
        needed != Revalidation::BeforeUse
    }

    /// Has it looked at as its age wants. Gives what came of the look, if that had to come first and came
    /// in time; otherwise what is there is shown.
    pub(super) async fn revalidate_if_stale<A, L, F>(
        &self,
        again: impl FnOnce() -> L,
        first: impl FnOnce() -> F,
    ) -> Option<A>
    where
        A: Send + 'static,
        L: Future<Output = A> + Send + 'static,
        F: Future<Output = A> + Send + 'static,
    {
        if self.is_servable(again) {
            return None;
        }
        let Ok(looked) = timeout(REVALIDATION_TIMEOUT, tokio::spawn(first())).await else {
            // It goes on; until it ends one reader after the other would wait for it.
            self.distrust();
            self.failed_millis.store(millis(), Ordering::Relaxed);
            return None;
        };
        looked.ok()
    }

    /// Whether it is too old to be shown without a look that could succeed.
    pub(super) fn is_expired(&self) -> bool {
        self.age() > MAX_STALE && !self.failed_lately()
    }

    /// Waits until nobody else looks.
    pub(super) async fn turn(&self) -> MutexGuard<'_, ()> {
        self.turn.lock().await
    }

    fn age(&self) -> Duration {
        since(&self.checked_millis)
    }

    fn failed_lately(&self) -> bool {
        since(&self.failed_millis) <= RETRY_INTERVAL
    }
}

fn since(moment: &AtomicU64) -> Duration {
    Duration::from_millis(millis().saturating_sub(moment.load(Ordering::Relaxed)))
}

fn millis() -> u64 {
    BEFORE + as_millis(START.elapsed())
}

fn as_millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn aged(age: Duration) -> Freshness {
        let freshness = Freshness::new();
        freshness
            .checked_millis
            .store(millis() - as_millis(age), Ordering::Relaxed);
        freshness
    }

    #[test]
    fn one_reader_looks_behind_the_others_and_all_wait_for_what_is_overdue() {
        let (fresh, old, overdue) = (
            Freshness::new(),
            aged(Duration::from_secs(21)),
            aged(Duration::from_secs(31)),
        );

        assert_eq!(fresh.needed(), Revalidation::None);
        assert_eq!(
            (old.needed(), old.needed()),
            (Revalidation::InBackground, Revalidation::None)
        );
        assert_eq!(
            (overdue.needed(), overdue.needed()),
            (Revalidation::BeforeUse, Revalidation::BeforeUse)
        );
        overdue.mark_fresh();
        assert_eq!(overdue.needed(), Revalidation::None);
    }

    #[test]
    fn after_a_look_that_failed_nobody_waits_for_a_while() {
        let overdue = aged(Duration::from_secs(31));

        overdue.mark_failed();

        assert_eq!(
            (overdue.needed(), overdue.is_trusted()),
            (Revalidation::None, false)
        );
    }

    #[tokio::test(start_paused = true)]
    async fn a_look_that_takes_long_is_waited_for_once() {
        let overdue = aged(Duration::from_secs(31));

        let waited = overdue
            .revalidate_if_stale(async || {}, async || std::future::pending::<()>().await)
            .await;

        assert_eq!(
            (waited, overdue.needed(), overdue.is_trusted()),
            (None, Revalidation::None, false)
        );
    }

    #[test]
    fn what_is_looked_at_for_long_behind_the_readers_does_not_stand_until_it_is_confirmed() {
        let old = aged(Duration::from_secs(21));
        assert_eq!(
            (old.needed(), old.is_trusted()),
            (Revalidation::InBackground, true)
        );

        let begun = millis() - as_millis(SLOW_REVALIDATION) - 1;
        old.revalidating_since_millis.store(begun, Ordering::Relaxed);

        assert_eq!((old.needed(), old.is_trusted()), (Revalidation::None, false));
        old.mark_fresh();
        assert!(old.is_trusted());
    }

    #[test]
    fn what_is_doubted_is_looked_at_by_the_next_reader() {
        let doubted = Freshness::new();

        doubted.mark_stale();

        assert!(!doubted.is_trusted());
        assert_eq!(doubted.needed(), Revalidation::InBackground);
        doubted.mark_fresh();
        assert!(doubted.is_trusted());
    }
}
