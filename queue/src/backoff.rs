//! Waiting longer after each failure, and never in step with others.

use std::{
    hash::{BuildHasher, RandomState},
    time::Duration,
};

/// Counts failures in a row.
#[derive(Debug, Default)]
pub(crate) struct Backoff {
    failures: u32,
}

impl Backoff {
    /// Starts over after a success; says whether there had been a failure.
    pub(crate) fn reset(&mut self) -> bool {
        std::mem::take(&mut self.failures) > 0
    }

    /// How many failures came in a row.
    pub(crate) fn failures(&self) -> u32 {
        self.failures
    }

    /// Waits 50 ms after the first failure, twice as long after each further one up to 2 s, give or take a
    /// quarter.
    pub(crate) async fn wait(&mut self) {
        let base = 50_u64 << self.failures.min(6);
        self.failures = self.failures.saturating_add(1);
        let base = base.min(2_000);
        let jitter = RandomState::new().hash_one(self.failures) % (base / 2 + 1);
        tokio::time::sleep(Duration::from_millis(base - base / 4 + jitter)).await;
    }
}
