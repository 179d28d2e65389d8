//! Whether news of every change come.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

/// Whether news of every change come at this moment. Clones know the same.
#[derive(Clone, Debug)]
pub(super) struct Hearing(Arc<AtomicBool>);

impl Hearing {
    pub(super) fn new(hears: bool) -> Self {
        Self(Arc::new(AtomicBool::new(hears)))
    }

    pub(super) fn hears(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    pub(super) fn set(&self, hears: bool) {
        self.0.store(hears, Ordering::Relaxed);
    }
}
