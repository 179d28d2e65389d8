//! Where time comes from.

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use std::{
    fmt::Debug,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};
use vitrine_entity::Time;

/// A source of the present moment.
pub trait Clock: Send + Sync + Debug {
    /// The present moment in UTC, cut to the microseconds that every engine keeps.
    fn now(&self) -> Time;

    /// A moment to measure spans within this process by, which no setting of a clock moves.
    fn instant(&self) -> Instant {
        Instant::now()
    }

    /// How far it is ahead of the machine's clock on purpose, as a simulator's is.
    fn ahead(&self) -> TimeDelta {
        TimeDelta::zero()
    }
}

/// A clock that services share.
pub type SharedClock = Arc<dyn Clock>;

/// The machine's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place where time enters")]
    fn now(&self) -> Time {
        Utc::now().trunc_subsecs(6)
    }
}

/// A clock that stands still until it is asked to move; clones share the hands.
#[derive(Clone, Debug)]
pub struct TestClock(Arc<Mutex<Hands>>);

#[derive(Clone, Copy, Debug)]
struct Hands {
    now: Time,
    instant: Instant,
}

impl TestClock {
    /// A clock that shows the given moment.
    #[must_use]
    pub fn at(moment: Time) -> Self {
        Self(Arc::new(Mutex::new(Hands {
            now: moment.trunc_subsecs(6),
            instant: Instant::now(),
        })))
    }

    /// A clock that shows the machine's present moment, and stays there.
    #[must_use]
    pub fn new() -> Self {
        Self::at(SystemClock.now())
    }

    /// Lets time pass.
    pub fn advance(&self, by: Duration) {
        let mut hands = self.hands();
        hands.now = later(hands.now, by);
        hands.instant = hands.instant.checked_add(by).unwrap_or(hands.instant);
    }

    /// Sets the clock to any moment, also an earlier one. No time passes: [`Clock::instant`] stays.
    pub fn set(&self, moment: DateTime<Utc>) {
        self.hands().now = moment.trunc_subsecs(6);
    }

    fn hands(&self) -> MutexGuard<'_, Hands> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for TestClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for TestClock {
    fn now(&self) -> Time {
        self.hands().now
    }

    fn instant(&self) -> Instant {
        self.hands().instant
    }

    fn ahead(&self) -> TimeDelta {
        self.now() - SystemClock.now()
    }
}

/// `moment` plus `by`, cut to microseconds, or the end of time where that does not exist.
#[must_use]
pub fn later(moment: Time, by: Duration) -> Time {
    chrono::Duration::from_std(by)
        .ok()
        .and_then(|by| moment.checked_add_signed(by))
        .map_or(DateTime::<Utc>::MAX_UTC, |end| end.trunc_subsecs(6))
}

/// How long it is from `now` until `moment`; zero when it has passed.
#[must_use]
pub fn until(now: Time, moment: Time) -> Duration {
    (moment - now).to_std().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_keep_no_more_than_microseconds() {
        assert_eq!(SystemClock.now().timestamp_subsec_nanos() % 1_000, 0);
    }

    #[test]
    fn a_test_clock_moves_for_all_its_clones() {
        let clock = TestClock::new();
        let before = clock.clone().now();

        clock.advance(Duration::from_secs(60));

        assert_eq!(until(before, clock.now()), Duration::from_secs(60));
    }

    #[test]
    fn setting_a_test_clock_lets_no_time_pass() {
        let clock = TestClock::new();
        let before = clock.instant();

        clock.set(later(clock.now(), Duration::from_hours(1)));
        assert_eq!(clock.instant(), before);

        clock.advance(Duration::from_secs(60));
        assert_eq!(clock.instant() - before, Duration::from_secs(60));
    }

    #[test]
    fn a_sum_keeps_no_more_than_microseconds() {
        let sum = later(SystemClock.now(), Duration::from_nanos(1_234_567));

        assert_eq!(sum.timestamp_subsec_nanos() % 1_000, 0);
    }

    #[test]
    fn an_absurd_span_ends_at_the_end_of_time() {
        assert_eq!(later(SystemClock.now(), Duration::MAX), DateTime::<Utc>::MAX_UTC);
    }
}
