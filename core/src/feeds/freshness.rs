//! How old what stands in memory may become.

use std::{
    sync::{
        LazyLock,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

/// A copy older than this is looked at again behind the visitor's back: for one that is read all the
/// time, the longest that a change goes unnoticed when the news of it was lost.
const FRESH: Duration = Duration::from_secs(5);
/// A copy older than this is looked at again before it is shown: what bounds the age of one that is
/// seldom read.
const SHOWN_UNSEEN: Duration = Duration::from_secs(30);
/// How long that look may take while there is a copy to fall back on.
pub(super) const PATIENCE: Duration = Duration::from_millis(300);

/// Where time began for this process; no clock that is set anew moves it.
static START: LazyLock<Instant> = LazyLock::new(Instant::now);

/// When something was last known to be right, and whether somebody looks at it again.
#[derive(Debug)]
pub(super) struct Freshness {
    checked_millis: AtomicU64,
    being_checked: AtomicBool,
}

impl Freshness {
    /// Of something that is known to be right at this moment.
    pub(super) fn new() -> Self {
        Self {
            checked_millis: AtomicU64::new(millis()),
            being_checked: AtomicBool::new(false),
        }
    }

    /// It is known to be right at this moment.
    pub(super) fn confirm(&self) {
        self.checked_millis.store(millis(), Ordering::Relaxed);
        self.give_up_look();
    }

    /// Whether it is too old to be shown without a look.
    pub(super) fn is_overdue(&self) -> bool {
        self.age() > SHOWN_UNSEEN
    }

    /// Whether somebody should look at it again and nobody does.
    pub(super) fn wants_a_look(&self) -> bool {
        self.age() > FRESH && !self.being_checked.load(Ordering::Relaxed)
    }

    /// True for the one who may look at it again.
    pub(super) fn take_look(&self) -> bool {
        self.wants_a_look() && !self.being_checked.swap(true, Ordering::Acquire)
    }

    /// The look led to nothing; somebody else may take one.
    pub(super) fn give_up_look(&self) {
        self.being_checked.store(false, Ordering::Release);
    }

    fn age(&self) -> Duration {
        Duration::from_millis(millis().saturating_sub(self.checked_millis.load(Ordering::Relaxed)))
    }
}

fn millis() -> u64 {
    u64::try_from(START.elapsed().as_millis()).unwrap_or(u64::MAX)
}
