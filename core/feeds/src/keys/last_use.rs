//! When a key was last used, as it is noted in memory.

use chrono::DateTime;
use std::sync::atomic::{AtomicI64, Ordering};
use vitrine_entity::Time;

/// Uses closer together are one, so that threads that share a busy key seldom write to shared memory.
const APART_MICROS: i64 = 1_000_000;

/// When a key was last used, and which use was written down.
#[derive(Debug, Default)]
pub(super) struct LastUse {
    seen_micros: AtomicI64,
    written_micros: AtomicI64,
}

impl LastUse {
    /// It is used at this moment.
    pub(super) fn note(&self, now: Time) {
        let now = now.timestamp_micros();
        if now - self.seen_micros.load(Ordering::Relaxed) >= APART_MICROS {
            self.seen_micros.store(now, Ordering::Relaxed);
        }
    }

    /// The last use, where it is not written down.
    pub(super) fn owed(&self) -> Option<Time> {
        let seen = self.seen_micros.load(Ordering::Relaxed);
        let owed = seen > self.written_micros.load(Ordering::Relaxed);
        owed.then(|| DateTime::from_timestamp_micros(seen)).flatten()
    }

    pub(super) fn written(&self, used_at: Time) {
        self.written_micros
            .fetch_max(used_at.timestamp_micros(), Ordering::Relaxed);
    }
}
