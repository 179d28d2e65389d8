//! What happens to rows while they are read.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

/// Counts what happens to rows: whatever was read before may be outdated. Clones share the count.
#[derive(Clone, Default)]
pub struct Epoch(Arc<AtomicU64>);

impl Epoch {
    /// How many there were so far.
    pub fn current(&self) -> u64 {
        self.0.load(Ordering::SeqCst)
    }

    pub(super) fn advance(&self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}
