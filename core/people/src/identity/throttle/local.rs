//! What one process counts alone.

use std::collections::HashMap;
use vitrine_limits::counters::Window;

/// Counts that are held. Each is some hundred bytes.
const MOST_HELD: usize = 100_000;
const DAY: i64 = 24 * 60 * 60;

/// Counts by key and window, bounded in number.
///
/// A full one forgets the half that was counted the least. So it refuses nobody for what others did, and whoever
/// wants a count of their own forgotten has to have others counted as often, for half of what fits.
#[derive(Debug, Default)]
pub(super) struct LocalCounter {
    /// By the end of the window, in seconds, and the key.
    counts: HashMap<(i64, String), i64>,
    /// When the newest window began that was counted in.
    newest: i64,
}

impl LocalCounter {
    /// Adds to a count, and gives the sum.
    pub(super) fn add(&mut self, key: &str, window: Window, by: i64) -> i64 {
        self.forget_over(window);
        let key = (window.ends(), key.to_owned());
        if by > 0 && self.counts.len() >= MOST_HELD && !self.counts.contains_key(&key) {
            self.forget_half();
        }
        let sum = self.counts.get(&key).map_or(by, |count| count + by);
        match sum > 0 {
            true => self.counts.insert(key, sum),
            false => self.counts.remove(&key),
        };
        sum.max(0)
    }

    /// Forgets what is over, once for each window that begins; also after a clock was set back by days.
    fn forget_over(&mut self, window: Window) {
        let begins = window.begins();
        if begins > self.newest || begins < self.newest.saturating_sub(DAY) {
            self.counts.retain(|(ends, _), _| *ends > begins);
            self.newest = begins;
        }
    }

    fn forget_half(&mut self) {
        let mut counts: Vec<i64> = self.counts.values().copied().collect();
        let half = counts.len() / 2;
        let (_, middle, _) = counts.select_nth_unstable(half);
        let middle = *middle;
        let below = counts.iter().filter(|count| **count < middle).count();
        let mut equal = half.saturating_sub(below);
        self.counts.retain(|_, count| {
            let goes = *count < middle || *count == middle && equal > 0;
            if goes && *count == middle {
                equal -= 1;
            }
            !goes
        });
        tracing::warn!(
            held = self.counts.len(),
            "too many attempts to count; those counted the least are dropped"
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;
    use vitrine_base::clock::{Clock, TestClock};

    #[test]
    fn what_is_taken_back_leaves_nothing() {
        let (mut alone, window) = (LocalCounter::default(), Window::day(TestClock::new().now()));
        for person in 0..100 {
            alone.add(&person.to_string(), window, 1);
            alone.add(&person.to_string(), window, -1);
        }
        assert_eq!(alone.add("never counted", window, -1), 0);

        assert_eq!(alone.counts.len(), 0);
    }

    #[test]
    fn what_is_over_is_forgotten_with_the_next_window() {
        let (mut alone, clock) = (LocalCounter::default(), TestClock::new());
        for person in 0..100 {
            alone.add(&person.to_string(), Window::quarter_hour(clock.now()), 1);
        }
        alone.add("of the day", Window::day(clock.now()), 1);
        assert_eq!(alone.counts.len(), 101);
        clock.advance(Duration::from_mins(15));

        alone.add("later", Window::quarter_hour(clock.now()), 1);

        assert!(alone.counts.len() <= 2, "{}", alone.counts.len());
    }

    #[test]
    fn a_full_one_keeps_what_was_counted_the_most() {
        let (mut alone, window) = (LocalCounter::default(), Window::day(TestClock::new().now()));
        for _ in 0..10 {
            alone.add("guessed", window, 1);
        }

        for stranger in 0..2 * MOST_HELD {
            alone.add(&stranger.to_string(), window, 1);
            assert!(alone.counts.len() <= MOST_HELD);
        }

        assert!(alone.counts.len() >= MOST_HELD / 2, "{}", alone.counts.len());
        assert_eq!(alone.add("guessed", window, 1), 11);
    }
}
