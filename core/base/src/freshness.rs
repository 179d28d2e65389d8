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
/// time, the longest that a change goes unnoticed when the news of it was lost. News tell of every change
/// within moments, so looks are only the net below them, and ten thousand copies cost five hundred a second.
const FRESH: Duration = Duration::from_secs(20);
/// After a look that led to nothing the next one waits for so long.
const REST_AFTER_FAILURE: Duration = Duration::from_secs(5);
/// A copy older than this is looked at again before it is shown: what bounds the age of one that is
/// seldom read.
const SHOWN_UNSEEN: Duration = Duration::from_secs(30);
/// How long that look may take while there is a copy to fall back on.
pub const PATIENCE: Duration = Duration::from_millis(300);

/// A look behind the readers' backs that takes longer leads to nothing, most likely. Looks that nobody waits for are
/// gathered for a moment first.
const LOOK_TAKES: Duration = Duration::from_secs(1);

/// Where time began for this process, a while ago; no clock that is set anew moves it.
static START: LazyLock<Instant> = LazyLock::new(Instant::now);
/// Milliseconds that lie before [`START`], so that something can be older than the process.
const BEFORE: u64 = 3_600_000;

/// What to do before something is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Look {
    /// Nothing.
    None,
    /// Look at it again behind the reader's back; said to one reader only.
    Behind,
    /// Look at it first.
    First,
}

/// When something was last known to be right, and whether somebody looks at it again.
#[derive(Debug)]
pub struct Freshness {
    checked_millis: AtomicU64,
    failed_millis: AtomicU64,
    /// Since when somebody looks at it behind the readers' backs; 0 while nobody does.
    looking_since_millis: AtomicU64,
    /// Nothing speaks against it since it was last known to be right.
    stands: AtomicBool,
    turn: Mutex<()>,
}

impl Freshness {
    /// Of something that is known to be right at this moment.
    pub fn new() -> Self {
        Self {
            checked_millis: AtomicU64::new(millis()),
            failed_millis: AtomicU64::new(0),
            looking_since_millis: AtomicU64::new(0),
            stands: AtomicBool::new(true),
            turn: Mutex::new(()),
        }
    }

    /// It is known to be right at this moment.
    pub fn confirm(&self) {
        self.checked_millis.store(millis(), Ordering::Relaxed);
        self.stands.store(true, Ordering::Relaxed);
        self.looking_since_millis.store(0, Ordering::Release);
    }

    /// Whether nothing speaks against it: no look failed or took long since it was last known to be right, and nobody
    /// doubted it.
    pub fn stands(&self) -> bool {
        self.stands.load(Ordering::Relaxed) && !self.look_takes_long()
    }

    /// It may be right no longer; whoever says so has it looked at.
    pub fn question(&self) {
        self.stands.store(false, Ordering::Relaxed);
    }

    /// Something may have changed: the next reader has it looked at again.
    pub fn doubt(&self) {
        self.question();
        let latest = millis() - as_millis(FRESH) - 1;
        self.checked_millis.fetch_min(latest, Ordering::Relaxed);
    }

    /// The look led to nothing: for a while nobody waits for another one.
    pub fn fail(&self) {
        self.question();
        self.failed_millis.store(millis(), Ordering::Relaxed);
        self.looking_since_millis.store(0, Ordering::Release);
    }

    /// What to do before it is shown.
    fn look(&self) -> Look {
        if self.is_overdue() {
            return Look::First;
        }
        let due = self.age() > FRESH && !self.failed_lately();
        match due && self.begins_look() {
            true => Look::Behind,
            false => Look::None,
        }
    }

    /// Whether nobody looks behind the readers' backs yet; then whoever asked does from now on.
    fn begins_look(&self) -> bool {
        let looking = &self.looking_since_millis;
        let begun = looking.compare_exchange(0, millis(), Ordering::Acquire, Ordering::Relaxed);
        begun.is_ok()
    }

    /// Whether a look is under way for longer than a database that answers needs.
    fn look_takes_long(&self) -> bool {
        let since_millis = self.looking_since_millis.load(Ordering::Relaxed);
        since_millis != 0 && millis().saturating_sub(since_millis) > as_millis(LOOK_TAKES)
    }

    /// Whether it can be shown without waiting; has it looked at again behind the reader's back where that
    /// is due.
    pub fn can_be_shown<L>(&self, again: impl FnOnce() -> L) -> bool
    where
        L: Future<Output: Send> + Send + 'static,
    {
        let look = self.look();
        if look == Look::Behind {
            tokio::spawn(again());
        }
        look != Look::First
    }

    /// Has it looked at as its age wants. Gives what came of the look, if that had to come first and came
    /// in time; otherwise what is there is shown.
    pub async fn see_to<A, L, F>(&self, again: impl FnOnce() -> L, first: impl FnOnce() -> F) -> Option<A>
    where
        A: Send + 'static,
        L: Future<Output = A> + Send + 'static,
        F: Future<Output = A> + Send + 'static,
    {
        if self.can_be_shown(again) {
            return None;
        }
        let Ok(looked) = timeout(PATIENCE, tokio::spawn(first())).await else {
            // It goes on; until it ends one reader after the other would wait for it.
            self.question();
            self.failed_millis.store(millis(), Ordering::Relaxed);
            return None;
        };
        looked.ok()
    }

    /// Whether it is too old to be shown without a look that could succeed.
    pub fn is_overdue(&self) -> bool {
        self.age() > SHOWN_UNSEEN && !self.failed_lately()
    }

    /// Waits until nobody else looks.
    pub async fn turn(&self) -> MutexGuard<'_, ()> {
        self.turn.lock().await
    }

    fn age(&self) -> Duration {
        since(&self.checked_millis)
    }

    fn failed_lately(&self) -> bool {
        since(&self.failed_millis) <= REST_AFTER_FAILURE
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

        assert_eq!(fresh.look(), Look::None);
        assert_eq!((old.look(), old.look()), (Look::Behind, Look::None));
        assert_eq!((overdue.look(), overdue.look()), (Look::First, Look::First));
        overdue.confirm();
        assert_eq!(overdue.look(), Look::None);
    }

    #[test]
    fn after_a_look_that_failed_nobody_waits_for_a_while() {
        let overdue = aged(Duration::from_secs(31));

        overdue.fail();

        assert_eq!((overdue.look(), overdue.stands()), (Look::None, false));
    }

    #[tokio::test(start_paused = true)]
    async fn a_look_that_takes_long_is_waited_for_once() {
        let overdue = aged(Duration::from_secs(31));

        let waited = overdue
            .see_to(async || {}, async || std::future::pending::<()>().await)
            .await;

        assert_eq!(
            (waited, overdue.look(), overdue.stands()),
            (None, Look::None, false)
        );
    }

    #[test]
    fn what_is_looked_at_for_long_behind_the_readers_does_not_stand_until_it_is_confirmed() {
        let old = aged(Duration::from_secs(21));
        assert_eq!((old.look(), old.stands()), (Look::Behind, true));

        let begun = millis() - as_millis(LOOK_TAKES) - 1;
        old.looking_since_millis.store(begun, Ordering::Relaxed);

        assert_eq!((old.look(), old.stands()), (Look::None, false));
        old.confirm();
        assert!(old.stands());
    }

    #[test]
    fn what_is_doubted_is_looked_at_by_the_next_reader() {
        let doubted = Freshness::new();

        doubted.doubt();

        assert!(!doubted.stands());
        assert_eq!(doubted.look(), Look::Behind);
        doubted.confirm();
        assert!(doubted.stands());
    }
}
