//! Real time plus an offset that can be moved.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::SystemTime;

use chrono::{DateTime, Duration, SubsecRound, Utc};

use super::changes::Changes;

/// The clock goes no farther than about two centuries from real time.
const FARTHEST: Duration = Duration::days(200 * 365);

/// The simulator's time. Clones share one offset.
#[derive(Clone, Debug)]
pub struct SimulatorClock {
    offset_micros: Arc<AtomicI64>,
    changes: Changes,
}

impl SimulatorClock {
    pub(crate) fn new(offset: Duration, changes: Changes) -> Self {
        let micros = bounded(offset);
        Self {
            offset_micros: Arc::new(AtomicI64::new(micros)),
            changes,
        }
    }

    /// Real time plus the offset.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        real_now() + self.offset()
    }

    /// How far the simulator is ahead of real time; negative when behind.
    #[must_use]
    pub fn offset(&self) -> Duration {
        Duration::microseconds(self.offset_micros.load(Ordering::Relaxed))
    }

    /// Moves time forward, or back when `by` is negative. Twice moves twice.
    pub fn advance(&self, by: Duration) {
        let moved = |micros| Some(bounded(Duration::microseconds(micros) + by));
        // The closure always gives a value, so this cannot fail.
        let _ = self
            .offset_micros
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, moved);
        self.changes.mark();
    }

    /// Makes it `moment` now; time runs on from there.
    pub fn set(&self, moment: DateTime<Utc>) {
        self.offset_micros
            .store(bounded(moment - real_now()), Ordering::Relaxed);
        self.changes.mark();
    }

    pub(crate) fn unix_now(&self) -> i64 {
        self.now().timestamp()
    }
}

/// An offset in microseconds, kept within what dates can be computed with.
fn bounded(offset: Duration) -> i64 {
    offset
        .clamp(-FARTHEST, FARTHEST)
        .num_microseconds()
        .unwrap_or_default()
}

/// In whole microseconds, as the offset: a time that was set is never read as one before it.
fn real_now() -> DateTime<Utc> {
    DateTime::<Utc>::from(SystemTime::now()).trunc_subsecs(6)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_order_moves_the_clock_out_of_what_dates_can_hold() {
        let clock = SimulatorClock::new(Duration::zero(), Changes::default());
        clock.advance(Duration::MAX / 2);
        clock.advance(Duration::days(400 * 365));
        assert_eq!(clock.offset(), FARTHEST);
        clock.set(DateTime::<Utc>::MIN_UTC);
        assert_eq!(clock.offset(), -FARTHEST);
        assert!(clock.now() < real_now());
    }

    #[test]
    fn advancing_adds_up_and_setting_replaces() {
        let clock = SimulatorClock::new(Duration::zero(), Changes::default());
        clock.advance(Duration::days(8));
        clock.advance(Duration::hours(1));
        assert_eq!(clock.offset(), Duration::days(8) + Duration::hours(1));

        let moment = real_now() - Duration::days(3);
        clock.clone().set(moment);
        let drift = clock.now() - moment;
        assert!(
            drift < Duration::seconds(5) && drift >= Duration::zero(),
            "{drift}"
        );
    }
}
