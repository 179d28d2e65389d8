//! How much is kept.

use std::time::Duration;

/// How much is kept, and for how long.
pub struct Capacity<C> {
    /// The most that all copies may weigh.
    pub most: u64,
    /// What one copy weighs, in bytes.
    pub weigher: fn(&C) -> u32,
    /// A copy that nobody asked for so long is dropped.
    pub forgotten_after: Duration,
}

impl<C> Capacity<C> {
    /// So many copies, whatever their size.
    pub fn entries(most: u64, forgotten_after: Duration) -> Self {
        Self {
            most,
            weigher: |_| 1,
            forgotten_after,
        }
    }
}
