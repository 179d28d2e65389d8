//! Spans of time in which is counted.

use chrono::{DateTime, Utc};
use std::time::Duration;
use vitrine_entity::Time;

const MINUTE: i64 = 60;
const QUARTER_HOUR: i64 = 15 * MINUTE;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// A span of time that begins at a multiple of its length, so that all processes agree about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    seconds: i64,
    number: i64,
}

impl Window {
    /// The minute that this moment is in.
    #[must_use]
    pub fn minute(now: Time) -> Self {
        Self::around(now, MINUTE)
    }

    /// The quarter of an hour that this moment is in.
    #[must_use]
    pub fn quarter_hour(now: Time) -> Self {
        Self::around(now, QUARTER_HOUR)
    }

    /// The hour that this moment is in.
    #[must_use]
    pub fn hour(now: Time) -> Self {
        Self::around(now, HOUR)
    }

    /// The day, in UTC, that this moment is in.
    #[must_use]
    pub fn day(now: Time) -> Self {
        Self::around(now, DAY)
    }

    /// The minute that has this [`number`](Self::number).
    #[must_use]
    pub fn minute_of_number(number: i64) -> Self {
        Self {
            seconds: MINUTE,
            number,
        }
    }

    fn around(now: Time, seconds: i64) -> Self {
        Self {
            seconds,
            number: now.timestamp().div_euclid(seconds),
        }
    }

    /// Which of its kind it is.
    #[must_use]
    pub fn number(self) -> i64 {
        self.number
    }

    /// When it begins, in seconds.
    #[must_use]
    pub fn begins(self) -> i64 {
        self.number.saturating_mul(self.seconds)
    }

    /// When it ends, in seconds.
    #[must_use]
    pub fn ends(self) -> i64 {
        self.begins().saturating_add(self.seconds)
    }

    /// When it ends.
    #[must_use]
    pub fn end(self) -> Time {
        DateTime::<Utc>::from_timestamp(self.ends(), 0).unwrap_or(Time::MAX_UTC)
    }

    /// Whole seconds until it ends, at least one.
    #[must_use]
    pub fn seconds_left(self, now: Time) -> u32 {
        let left = self.ends().saturating_sub(now.timestamp());
        u32::try_from(left).unwrap_or(0).max(1)
    }

    /// How long it is.
    #[must_use]
    pub fn length(self) -> Duration {
        Duration::from_secs(self.seconds.unsigned_abs())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64, millis: u32) -> Time {
        DateTime::from_timestamp(seconds, millis * 1_000_000).unwrap()
    }

    #[test]
    fn a_window_begins_at_a_multiple_of_its_length() {
        let (first, last) = (Window::minute(at(120, 0)), Window::minute(at(179, 999)));

        assert_eq!(first, last);
        assert_eq!(
            (first.number(), first.begins(), first.end()),
            (2, 120, at(180, 0))
        );
        assert_eq!(Window::minute_of_number(2), first);
        assert_eq!(Window::minute(at(-1, 999)).number(), -1);
    }

    #[test]
    fn a_window_has_a_second_left_until_its_end() {
        let window = Window::minute(at(120, 0));

        assert_eq!(window.seconds_left(at(120, 0)), 60);
        assert_eq!(window.seconds_left(at(179, 999)), 1);
        assert_eq!(window.seconds_left(at(180, 0)), 1);
        assert_eq!(window.seconds_left(at(500, 0)), 1);
    }
}
