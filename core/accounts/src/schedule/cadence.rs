//! How often things are done, and when the next turn is.

use std::time::Duration;
use vitrine_base::{clock::later, random};
use vitrine_entity::{Time, account};

/// The part of a cadence by which turns drift apart.
const USUAL_DRIFT: f64 = 0.1;
/// The part by which they do after a turn that came late.
const WIDEST_DRIFT: f64 = 0.5;

/// How often things are done.
#[derive(Clone, Copy, Debug)]
pub struct Cadence {
    /// Between two syncs of an account.
    pub sync_every: Duration,
    /// Between two refreshes of a token.
    pub refresh_every: Duration,
    /// A token younger than this is not refreshed: Instagram wants 24 hours.
    pub refresh_min_age: Duration,
}

impl Cadence {
    /// The owner's own cadence, or the server's.
    pub(crate) fn sync_every(&self, account: &account::Model) -> Duration {
        let own = account
            .sync_every_seconds
            .and_then(|seconds| u64::try_from(seconds).ok());
        own.map_or(self.sync_every, Duration::from_secs)
    }
}

/// A moment up to a tenth earlier than `every` from now, so that accounts that began together
/// drift apart.
pub(crate) fn spread(now: Time, every: Duration) -> Time {
    spread_after(now, every, Duration::ZERO)
}

/// As [`spread`], after a turn that came `late`. What comes late came with many others, at a catch-up, and
/// would come with them ever after: the later a turn was, the wider the next ones are spread, over half of
/// `every` at most.
pub(crate) fn spread_after(now: Time, every: Duration, late: Duration) -> Time {
    let lateness = late.as_secs_f64() / every.as_secs_f64().max(1.0);
    let drift = lateness.clamp(USUAL_DRIFT, WIDEST_DRIFT);
    later(now, random::jitter(every, 1.0 - drift..1.0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use vitrine_base::clock::{Clock, TestClock, until};

    const EVERY: Duration = Duration::from_hours(3);

    fn waits(late: Duration) -> Vec<Duration> {
        let now = TestClock::new().now();
        let wait = |_| until(now, spread_after(now, EVERY, late));
        (0..10_000).map(wait).collect()
    }

    #[test]
    fn a_next_turn_is_early_by_a_tenth_at_most() {
        for wait in waits(Duration::from_secs(5)) {
            assert!(wait >= EVERY.mul_f64(0.9) && wait <= EVERY, "{wait:?}");
        }
    }

    #[test]
    fn turns_that_came_late_are_spread_over_half_of_the_cadence() {
        let waits = waits(Duration::from_hours(7));

        assert!(waits.iter().all(|wait| (EVERY / 2..=EVERY).contains(wait)));
        for tenth in 5..10 {
            let within = |wait: &&Duration| (wait.as_secs_f64() / EVERY.as_secs_f64() * 10.0) as u32 == tenth;
            let share = waits.iter().filter(within).count();
            assert!((1_700..2_300).contains(&share), "{share} of 10,000 in one tenth");
        }
    }

    #[test]
    fn a_cadence_of_nothing_is_no_division_by_it() {
        let now = TestClock::new().now();

        assert_eq!(spread_after(now, Duration::ZERO, EVERY), now);
    }
}
