//! A copy in memory.

use super::Origin;
use crate::freshness::Freshness;
use chrono::DateTime;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use vitrine_entity::Time;

/// A copy, and when it was last known to be right.
pub struct Held<O: Origin> {
    /// What it is a copy of.
    pub key: O::Key,
    /// What was read.
    pub copy: O::Copy,
    pub(super) freshness: Freshness,
    checked_at_micros: AtomicI64,
    pub(super) outdated: AtomicBool,
}

impl<O: Origin> Held<O> {
    /// A copy that stands in no memory.
    pub fn apart(key: O::Key, copy: O::Copy, checked_at: Time) -> Self {
        Self {
            key,
            copy,
            freshness: Freshness::new(),
            checked_at_micros: AtomicI64::new(checked_at.timestamp_micros()),
            outdated: AtomicBool::new(false),
        }
    }

    /// When it was last known to be right.
    pub fn checked_at(&self) -> Time {
        DateTime::from_timestamp_micros(self.checked_at_micros.load(Ordering::Relaxed)).unwrap_or_default()
    }

    /// Whether nothing speaks against it since.
    pub fn stands(&self) -> bool {
        self.freshness.stands()
    }

    /// It may be right no longer; whoever says so has it looked at.
    pub fn question(&self) {
        self.freshness.question();
    }

    /// It is known to be right at this moment.
    pub(super) fn confirm(&self, now: Time) {
        self.checked_at_micros
            .store(now.timestamp_micros(), Ordering::Relaxed);
        self.freshness.confirm();
    }
}
