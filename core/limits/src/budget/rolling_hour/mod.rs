//! A rolling hour in buckets of a minute.

use super::{BudgetUse, LOAD_HOLDS, Load, RecordedUse, WINDOW};
use crate::counters::Window;
use chrono::DateTime;
use std::{collections::BTreeMap, time::Duration};
use vitrine_base::clock::later;
use vitrine_entity::Time;

const MINUTE: Duration = Duration::from_mins(1);

/// Buckets that count: one more than an hour holds, because the oldest may have been filled at its end.
pub(super) const BUCKETS: i64 = (WINDOW.as_secs() / MINUTE.as_secs()) as i64 + 1;

/// Length of a bucket in milliseconds.
pub(super) const BUCKET_MILLIS: i64 = MINUTE.as_millis() as i64;

/// The number of the bucket that a moment falls into.
pub(super) fn bucket_of(now: Time) -> i64 {
    Window::minute(now).number()
}

/// When a bucket stops counting: with the last of the minutes that it counts in, its own among them.
fn end_of(bucket: i64) -> Time {
    Window::minute_of_number(bucket + BUCKETS - 1).end()
}

/// What one payer used within the hour, and what the platform said about it.
#[derive(Clone, Debug, Default)]
pub(super) struct RollingHour {
    buckets: BTreeMap<i64, u32>,
    /// When the first unit was taken.
    born: Option<Time>,
    /// When the last unit was taken or learnt of.
    last: Option<Time>,
    /// Units that are known from before the first was taken.
    before: u32,
    load: Option<(Load, Time)>,
}

impl RollingHour {
    /// Forgets what no longer counts, and brings back what a clock that was set back left in the future.
    pub(super) fn tidy(&mut self, now: Time) {
        let current = bucket_of(now);
        self.buckets = self.buckets.split_off(&(current - BUCKETS + 1));
        // The next minute may be that of a process whose clock is a little ahead. What lies beyond was counted before
        // the clock was set back: it was spent, so it moves to the present instead of being forgotten.
        let ahead: u32 = self.buckets.split_off(&(current + 2)).values().sum();
        if ahead > 0 {
            *self.buckets.entry(current).or_default() += ahead;
        }
        // Left in the future, the last entry would be later than all that is reported from now on, and the first would let
        // the book believe again what is in it.
        self.last = self.last.map(|last| last.min(later(now, 2 * MINUTE)));
        self.born = self.born.map(|born| born.min(now));
        self.load = self.load.filter(|(_, until)| *until > now);
    }

    /// Believes what was counted elsewhere before this book was begun, or after its last entry. What lies in the
    /// future was written by a clock that has been set back since.
    pub(super) fn learn(&mut self, known: RecordedUse, now: Time) {
        let Some(at) = known.at.filter(|at| *at <= later(now, 2 * MINUTE)) else {
            return;
        };
        let bucket = bucket_of(at).min(bucket_of(now));
        if bucket <= bucket_of(now) - BUCKETS {
            return;
        }
        let missing = self.missing(known.used, at);
        if missing > 0 {
            *self.buckets.entry(bucket).or_default() += missing;
        }
    }

    /// Units that somebody counted and this book lacks.
    fn missing(&mut self, used: u32, at: Time) -> u32 {
        if self.born.is_none_or(|born| at < born) {
            // Counted before this book was begun, so none of it is in here. Many may report the same units, each as
            // many as they saw: only what exceeds the most that was reported so far is new.
            let missing = used.saturating_sub(self.before);
            self.before = self.before.max(used);
            return missing;
        }
        // Counted while this book was kept, so what is in here is part of it. Unless it is news since the last entry,
        // the book knows better: units may have stopped counting or been given back meanwhile.
        let missing = used.saturating_sub(self.used());
        if Some(at) <= self.last || missing == 0 {
            return 0;
        }
        self.last = Some(at);
        missing
    }

    /// From when a unit is free; none for now.
    pub(super) fn free_from(&self, limit: u32) -> Option<Time> {
        let is_full = self.used() >= limit;
        self.oldest_ends().filter(|_| is_full)
    }

    /// When the oldest units stop counting.
    fn oldest_ends(&self) -> Option<Time> {
        self.buckets.keys().next().map(|bucket| end_of(*bucket))
    }

    /// Takes a unit; says how many are used with it.
    pub(super) fn take(&mut self, now: Time) -> u32 {
        *self.buckets.entry(bucket_of(now)).or_default() += 1;
        self.last = self.last.max(Some(now));
        self.born = self.born.or(Some(now));
        self.used()
    }

    /// Takes back a unit that was taken at a moment.
    pub(super) fn give_back(&mut self, at: Time) {
        if let Some(used) = self.buckets.get_mut(&bucket_of(at)) {
            *used -= 1;
        }
        self.buckets.retain(|_, used| *used > 0);
    }

    /// Takes note of how close the platform's limit is.
    pub(super) fn record_load(&mut self, load: Load, now: Time) {
        self.load = Some((load, later(now, LOAD_HOLDS))).filter(|_| load >= Load::SLOW);
    }

    /// How close the platform's limit is, as far as known.
    pub(super) fn load(&self) -> Option<Load> {
        self.load.map(|(load, _)| load)
    }

    /// What is used.
    pub(super) fn usage(&self) -> BudgetUse {
        BudgetUse {
            used: self.used(),
            resets_at: self.oldest_ends(),
        }
    }

    /// Whether there is nothing left to remember.
    pub(super) fn is_idle(&mut self, now: Time) -> bool {
        self.tidy(now);
        self.buckets.is_empty() && self.load.is_none()
    }

    fn used(&self) -> u32 {
        self.buckets.values().sum()
    }
}

/// Reads an hour from the numbers that are kept of it elsewhere.
impl FromIterator<(String, i64)> for RollingHour {
    fn from_iter<I: IntoIterator<Item = (String, i64)>>(fields: I) -> Self {
        let (mut hour, mut load, mut load_until) = (Self::default(), 0, None);
        for (name, value) in fields {
            match name.as_str() {
                "born" => hour.born = DateTime::from_timestamp_millis(value),
                "before" => hour.before = u32::try_from(value).unwrap_or(u32::MAX),
                "last" => hour.last = DateTime::from_timestamp_millis(value),
                "load" => load = value,
                "load_until" => load_until = DateTime::from_timestamp_millis(value),
                bucket => {
                    if let (Ok(bucket), Ok(used @ 1..)) = (bucket.parse(), u32::try_from(value)) {
                        hour.buckets.insert(bucket, used);
                    }
                }
            }
        }
        hour.load = load_until.map(|until| (Load(u8::try_from(load).unwrap_or(u8::MAX)), until));
        hour
    }
}

#[cfg(test)]
mod tests;
