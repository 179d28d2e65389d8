//! The latest moment that was believed, and how fast it goes on.
//!
//! When a process starts, its clock may be ahead of the record for two reasons: the service was off, or the clock
//! jumped. One clock alone cannot tell which, and a deletion that is late does less harm than one that is early. So the
//! record goes on with measured time, and makes up for what it is behind only slowly. A database on another machine is
//! a second clock: where both agree, the service was off, and the record catches up fast.

use chrono::TimeDelta;
use std::cmp::{max, min};
use tokio::time::Instant;
use vitrine_entity::Time;

/// The part of measured time by which the record catches up when one clock alone says that it is behind.
const ALONE: i32 = 100;

/// Whose clocks say how late it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ClockSource {
    /// Perhaps only this machine's.
    Alone,
    /// Also another machine's.
    Another,
}

/// The latest moment that was believed, moved on by time that no setting of a clock changes.
#[derive(Debug)]
pub(super) struct Record {
    moment: Time,
    at: Instant,
}

impl Record {
    pub(super) fn new(moment: Time, at: Instant) -> Self {
        Self { moment, at }
    }

    /// Moves it on to `now`. Beyond what the database's clock says it goes no faster than measured time.
    pub(super) fn advance(&mut self, now: Instant, there: Time, witness: ClockSource) -> Time {
        let measured = now.saturating_duration_since(self.at);
        let measured = TimeDelta::from_std(measured).unwrap_or(TimeDelta::MAX / 2);
        let more = match witness {
            ClockSource::Alone => measured / ALONE,
            ClockSource::Another => measured,
        };
        let on_time = self.moment.checked_add_signed(measured).unwrap_or(Time::MAX_UTC);
        let caught_up = on_time.checked_add_signed(more).unwrap_or(Time::MAX_UTC);
        self.moment = max(on_time, min(caught_up, there));
        self.at = now;
        self.moment
    }
}
