//! Spans of time in which is counted.

use chrono::{DateTime, Utc};
use std::time::Duration;
use vitrine_entity::Time;

const QUARTER_HOUR: i64 = 15 * 60;
const HOUR: i64 = 60 * 60;
const DAY: i64 = 24 * HOUR;

/// A span of time that begins at a multiple of its length, so that all processes agree about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Window {
    seconds: i64,
    number: i64,
}

impl Window {
    /// The quarter of an hour that this moment is in.
    pub(super) fn quarter_hour(now: Time) -> Self {
        Self::around(now, QUARTER_HOUR)
    }

    /// The hour that this moment is in.
    pub(super) fn hour(now: Time) -> Self {
        Self::around(now, HOUR)
    }

    /// The day, in UTC, that this moment is in.
    pub(super) fn day(now: Time) -> Self {
        Self::around(now, DAY)
    }

    fn around(now: Time, seconds: i64) -> Self {
        Self {
            seconds,
            number: now.timestamp().div_euclid(seconds),
        }
    }

    /// Which of its kind it is.
    pub(super) fn number(self) -> i64 {
        self.number
    }

    /// When it begins, in seconds.
    pub(super) fn begins(self) -> i64 {
        self.number.saturating_mul(self.seconds)
    }

    /// When it ends, in seconds.
    pub(super) fn ends(self) -> i64 {
        self.begins().saturating_add(self.seconds)
    }

    /// When it ends.
    pub(super) fn end(self) -> Time {
        DateTime::<Utc>::from_timestamp(self.ends(), 0).unwrap_or(Time::MAX_UTC)
    }

    /// How long it is.
    pub(super) fn length(self) -> Duration {
        Duration::from_secs(self.seconds.unsigned_abs())
    }

    /// How long its counts are remembered: twice as long, for processes whose clocks are behind.
    pub(super) fn remembered(self) -> Duration {
        self.length() * 2
    }
}
