//! A rolling hour in buckets of a minute.

use super::{BudgetUse, WINDOW};
use chrono::DateTime;
use std::collections::VecDeque;
use vitrine_entity::Time;

/// Length of a bucket in milliseconds.
pub(super) const BUCKET: i64 = 60_000;

/// Buckets that count: one more than an hour holds, because the oldest may have been filled at its end.
pub(super) const BUCKETS: i64 = WINDOW.as_millis() as i64 / BUCKET + 1;

/// The number of the bucket that a moment falls into.
pub(super) fn bucket_of(now: Time) -> i64 {
    now.timestamp_millis().div_euclid(BUCKET)
}

/// When a bucket stops counting.
pub(super) fn end_of(bucket: i64) -> Option<Time> {
    DateTime::from_timestamp_millis((bucket + BUCKETS) * BUCKET)
}

/// What one payer used within the hour.
#[derive(Debug, Default)]
pub(super) struct Window {
    buckets: VecDeque<(i64, u32)>,
    blocked_until: Option<Time>,
}

impl Window {
    /// From when a unit is free; none for now.
    pub(super) fn free_from(&mut self, limit: u32, now: Time) -> Option<Time> {
        self.forget(now);
        if let Some(until) = self.blocked_until {
            return Some(until);
        }
        let full = self.used() >= limit;
        self.buckets
            .front()
            .filter(|_| full)
            .and_then(|(bucket, _)| end_of(*bucket))
    }

    /// Takes a unit.
    pub(super) fn take(&mut self, now: Time) {
        let current = bucket_of(now);
        match self.buckets.back_mut() {
            Some((bucket, used)) if *bucket >= current => *used += 1,
            _ => self.buckets.push_back((current, 1)),
        }
    }

    /// Closes until a moment.
    pub(super) fn block(&mut self, until: Time) {
        self.blocked_until = self.blocked_until.max(Some(until));
    }

    /// What is used at a moment.
    pub(super) fn usage(&mut self, now: Time) -> BudgetUse {
        self.forget(now);
        BudgetUse {
            used: self.used(),
            resets_at: self.buckets.front().and_then(|(bucket, _)| end_of(*bucket)),
            blocked_until: self.blocked_until,
        }
    }

    /// Whether there is nothing left to remember.
    pub(super) fn is_idle(&mut self, now: Time) -> bool {
        self.forget(now);
        self.buckets.is_empty() && self.blocked_until.is_none()
    }

    fn used(&self) -> u32 {
        self.buckets.iter().map(|(_, used)| used).sum()
    }

    fn forget(&mut self, now: Time) {
        let oldest = bucket_of(now) - BUCKETS + 1;
        while self.buckets.front().is_some_and(|(bucket, _)| *bucket < oldest) {
            self.buckets.pop_front();
        }
        self.blocked_until = self.blocked_until.filter(|until| *until > now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::{Clock, TestClock, until};
    use std::time::Duration;

    #[test]
    fn an_hour_holds_its_units_and_no_more() {
        let clock = TestClock::new();
        let mut window = Window::default();

        for _ in 0..3 {
            assert_eq!(window.free_from(3, clock.now()), None);
            window.take(clock.now());
        }

        let free = window.free_from(3, clock.now()).unwrap();
        assert!(until(clock.now(), free) > WINDOW - Duration::from_secs(1));
        clock.set(free);
        assert_eq!(window.free_from(3, clock.now()), None);
    }

    #[test]
    fn quiet_is_kept_until_its_end() {
        let clock = TestClock::new();
        let mut window = Window::default();
        let end = crate::clock::later(clock.now(), Duration::from_mins(5));

        window.block(end);
        assert_eq!(window.free_from(3, clock.now()), Some(end));

        clock.advance(Duration::from_mins(5));
        assert_eq!(window.free_from(3, clock.now()), None);
        assert!(window.is_idle(clock.now()));
    }

    #[test]
    fn a_clock_that_jumps_back_gives_no_units_away() {
        let clock = TestClock::new();
        let mut window = Window::default();
        window.take(clock.now());

        clock.set(clock.now() - chrono::TimeDelta::hours(3));
        window.take(clock.now());

        assert_eq!(window.usage(clock.now()).used, 2);
    }
}
