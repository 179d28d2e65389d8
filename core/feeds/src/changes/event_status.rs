//! Whether news of every change come.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

/// Whether news of every change come at this moment. Clones know the same.
#[derive(Clone, Debug)]
pub(crate) struct EventStatus(Arc<AtomicBool>);

impl EventStatus {
    pub(crate) fn new(is_receiving: bool) -> Self {
        Self(Arc::new(AtomicBool::new(is_receiving)))
    }

    pub(crate) fn is_receiving(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    pub(crate) fn set(&self, is_receiving: bool) {
        self.0.store(is_receiving, Ordering::Relaxed);
    }
}
