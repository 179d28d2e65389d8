//! What a try was refused by.

use std::time::Duration;
use vitrine_entity::Time;
use vitrine_limits::counters::Window;

/// A bound on tries that was reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AttemptLimit {
    /// Tries in a window.
    pub most: u64,
    /// How long the window is.
    pub window: Duration,
    /// When the next one is tried in.
    pub until: Time,
}

impl AttemptLimit {
    /// So many tries in a window.
    pub(super) fn of(window: Window, most: i64) -> Self {
        Self {
            most: most.unsigned_abs(),
            window: window.length(),
            until: window.end(),
        }
    }
}
