//! What runs, whether somebody waits for it or not.

use std::sync::Arc;
use tokio::sync::watch;

/// Counts requests that are being answered and work that they left behind. A stop waits for all of it while every
/// thread still runs: a connection to the database is driven by the thread that opened it, so a thread that ended
/// early would take what others do with it. Clones count together.
#[derive(Clone, Debug)]
pub struct InFlight(Arc<watch::Sender<usize>>);

impl Default for InFlight {
    fn default() -> Self {
        Self(Arc::new(watch::Sender::new(0)))
    }
}

impl InFlight {
    /// Waits until nothing runs.
    pub(crate) async fn has_ended(&self) {
        let mut count = self.0.subscribe();
        // The sender is ours, so the count does not end before we do.
        let _none = count.wait_for(|left| *left == 0).await;
    }

    /// One more, until it is dropped.
    pub(crate) fn track(&self) -> InFlightGuard {
        self.0.send_modify(|count| *count += 1);
        InFlightGuard(self.clone())
    }

    /// Does something behind an answer that does not wait for it.
    pub(crate) fn spawn(&self, work: impl Future<Output = ()> + Send + 'static) {
        let counted = self.track();
        tokio::spawn(async move {
            work.await;
            drop(counted);
        });
    }
}

/// Something that runs.
#[derive(Debug)]
pub(crate) struct InFlightGuard(InFlight);

impl Drop for InFlightGuard {
    fn drop(&mut self) {
        self.0.0.send_modify(|count| *count -= 1);
    }
}
