//! Whether news of every change come.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

/// Whether news of every change come at this moment. Clones know the same.
#[derive(Clone, Debug)]
pub(super) struct EventStatus(Arc<AtomicBool>);

impl EventStatus {
    pub(super) fn new(is_receiving: bool) -> Self {
        Self(Arc::new(AtomicBool::new(is_receiving)))
    }

    pub(super) fn is_receiving(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    pub(super) fn set(&self, is_receiving: bool) {
        self.0.store(is_receiving, Ordering::Relaxed);
    }
}
