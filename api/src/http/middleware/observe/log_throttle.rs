//! The same failure again and again.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

/// The same is logged once in this time.
const EVERY: Duration = Duration::from_secs(1);
/// Failures that are kept in mind. Of more different ones each is logged.
const MOST: usize = 256;

/// Which failures were logged lately, by route and cause.
#[derive(Debug, Default)]
pub(super) struct LogThrottle(Mutex<HashMap<(String, String), Last>>);

#[derive(Debug)]
struct Last {
    at: Instant,
    untold: u64,
}

/// Whether a failure is to be logged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Report {
    /// It is, after so many like it that were not.
    After {
        /// How many.
        untold: u64,
    },
    /// It is not: one like it was a moment ago.
    Counted,
}

impl LogThrottle {
    /// One more failure.
    pub(super) fn record(&self, route: &str, cause: &str, now: Instant) -> Report {
        let mut lately = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let failure = (route.to_owned(), cause.to_owned());
        if let Some(last) = lately.get_mut(&failure) {
            if now.saturating_duration_since(last.at) < EVERY {
                last.untold += 1;
                return Report::Counted;
            }
            let untold = std::mem::take(&mut last.untold);
            last.at = now;
            return Report::After { untold };
        }
        if lately.len() >= MOST {
            lately.retain(|_, last| now.saturating_duration_since(last.at) < EVERY);
        }
        if lately.len() < MOST {
            lately.insert(failure, Last { at: now, untold: 0 });
        }
        Report::After { untold: 0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: Report = Report::After { untold: 0 };

    #[test]
    fn the_same_is_told_once_a_second_and_counted() {
        let (log_throttle, now) = (LogThrottle::default(), Instant::now());
        let full = |after| log_throttle.record("/v1/feeds", "the disk is full", now + after);

        assert_eq!(full(Duration::ZERO), FIRST);
        for _ in 0..100 {
            assert_eq!(full(EVERY / 2), Report::Counted);
        }

        assert_eq!(full(EVERY), Report::After { untold: 100 });
        assert_eq!(full(EVERY), Report::Counted);
    }

    #[test]
    fn what_is_different_is_told_at_once() {
        let (log_throttle, now) = (LogThrottle::default(), Instant::now());

        assert_eq!(log_throttle.record("/v1/feeds", "the disk is full", now), FIRST);
        assert_eq!(
            log_throttle.record("/v1/accounts", "the disk is full", now),
            FIRST
        );
        assert_eq!(log_throttle.record("/v1/feeds", "another", now), FIRST);
    }

    #[test]
    fn no_more_are_kept_in_mind_than_are_useful() {
        let (log_throttle, now) = (LogThrottle::default(), Instant::now());

        for number in 0..MOST * 2 {
            assert_eq!(log_throttle.record("/v1/feeds", &number.to_string(), now), FIRST);
        }

        assert_eq!(log_throttle.0.lock().unwrap().len(), MOST);
        assert_eq!(log_throttle.record("/v1/feeds", "later", now + EVERY), FIRST);
        assert_eq!(log_throttle.0.lock().unwrap().len(), 1);
    }
}
