//! Tells the state file that something changed, and callers when it has been written.

use std::sync::Arc;

use tokio::sync::watch;

/// Counts changes and the changes already written. Clones share the counts.
#[derive(Clone, Debug)]
pub(crate) struct Changes {
    made: Arc<watch::Sender<u64>>,
    written: Arc<watch::Sender<u64>>,
    kept: bool,
}

impl Default for Changes {
    fn default() -> Self {
        Self::new(false)
    }
}

impl Changes {
    /// `kept`: whether anybody writes the changes down.
    pub(crate) fn new(kept: bool) -> Self {
        Self {
            made: Arc::new(watch::Sender::new(0)),
            written: Arc::new(watch::Sender::new(0)),
            kept,
        }
    }

    pub(crate) fn mark(&self) {
        self.made.send_modify(|count| *count += 1);
    }

    pub(crate) fn made(&self) -> watch::Receiver<u64> {
        self.made.subscribe()
    }

    pub(crate) fn mark_written(&self, count: u64) {
        self.written.send_replace(count);
    }

    /// Waits until every change made so far is on disk. Returns at once when no state is kept.
    pub(crate) async fn written(&self) {
        if !self.kept {
            return;
        }
        let wanted = *self.made.borrow();
        let mut written = self.written.subscribe();
        // The sender lives in self, so waiting cannot fail.
        let _ = written.wait_for(|count| *count >= wanted).await;
    }
}
