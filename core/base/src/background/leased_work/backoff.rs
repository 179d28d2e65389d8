//! How long to wait between two tries.

use crate::random;
use std::time::Duration;

/// Waits between tries: each twice as long as the one before, up to a longest one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Backoff {
    first: Duration,
    longest: Duration,
    /// Parts of the wait between which chance decides.
    parts: (f64, f64),
}

impl Backoff {
    /// Waits that double from `first` and never exceed `longest`.
    #[must_use]
    pub const fn new(first: Duration, longest: Duration) -> Self {
        Self {
            first,
            longest,
            parts: (1.0, 1.0),
        }
    }

    /// The same, with each wait multiplied by a random number between these two: what failed at the same moment is not
    /// tried again at the same moment.
    #[must_use]
    pub const fn spread(self, least: f64, most: f64) -> Self {
        Self {
            parts: (least, most),
            ..self
        }
    }

    /// The wait after so many tries.
    #[must_use]
    pub fn after(&self, tries: u32) -> Duration {
        let doublings = tries.saturating_sub(1).min(16);
        let wait = self.first.saturating_mul(1 << doublings).min(self.longest);
        let (least, most) = self.parts;
        wait.mul_f64(least + (most - least) * random::fraction())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BACKOFF: Backoff = Backoff::new(Duration::from_secs(5), Duration::from_hours(1));

    #[test]
    fn waits_double_up_to_the_longest() {
        let seconds = |tries| BACKOFF.after(tries).as_secs();

        assert_eq!([0, 1, 2, 3, 4].map(seconds), [5, 5, 10, 20, 40]);
        assert_eq!([11, 17, u32::MAX].map(seconds), [3_600; 3]);
    }

    #[test]
    fn waits_that_are_spread_stay_between_the_two_parts() {
        let spread = BACKOFF.spread(0.75, 1.25);
        for tries in 1..200 {
            let part = spread.after(tries).as_secs_f64() / BACKOFF.after(tries).as_secs_f64();
            assert!((0.75..=1.25).contains(&part), "{part} after {tries}");
        }
    }
}
