//! A copy in memory.

use super::Source;
use super::freshness::Freshness;
use chrono::DateTime;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use vitrine_entity::Time;

/// A copy, and when it was last known to be right.
pub struct CacheEntry<S: Source> {
    /// What it is a copy of.
    pub key: S::Key,
    /// What was read.
    pub copy: S::Value,
    pub(super) freshness: Freshness,
    checked_at_micros: AtomicI64,
    pub(super) outdated: AtomicBool,
}

impl<S: Source> CacheEntry<S> {
    /// A copy that stands in no memory.
    pub fn detached(key: S::Key, copy: S::Value, checked_at: Time) -> Self {
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
    pub fn is_trusted(&self) -> bool {
        self.freshness.is_trusted()
    }

    /// It may be right no longer; whoever says so has it looked at.
    pub fn distrust(&self) {
        self.freshness.distrust();
    }

    /// It is known to be right at this moment.
    pub(super) fn mark_fresh(&self, now: Time) {
        self.checked_at_micros
            .store(now.timestamp_micros(), Ordering::Relaxed);
        self.freshness.mark_fresh();
    }
}
