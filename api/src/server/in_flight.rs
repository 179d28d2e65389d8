//! What runs, whether somebody waits for it or not.

use std::sync::Arc;
use tokio::sync::watch;

/// Counts requests that are being answered and work that they left behind. A stop waits for all of it while every
/// thread still runs: a connection to the database is driven by the thread that opened it, so a thread that ended
/// early would take what others do with it. Clones count together.
#[derive(Clone, Debug)]
pub struct Running(Arc<watch::Sender<usize>>);

impl Default for Running {
    fn default() -> Self {
        Self(Arc::new(watch::Sender::new(0)))
    }
}

impl Running {
    /// Waits until nothing runs.
    pub(crate) async fn has_ended(&self) {
        let mut count = self.0.subscribe();
        // The sender is ours, so the count does not end before we do.
        let _none = count.wait_for(|left| *left == 0).await;
    }

    /// One more, until it is dropped.
    pub(crate) fn one_more(&self) -> OneMore {
        self.0.send_modify(|count| *count += 1);
        OneMore(self.clone())
    }

    /// Does something behind an answer that does not wait for it.
    pub(crate) fn behind(&self, work: impl Future<Output = ()> + Send + 'static) {
        let counted = self.one_more();
        tokio::spawn(async move {
            work.await;
            drop(counted);
        });
    }
}

/// Something that runs.
#[derive(Debug)]
pub(crate) struct OneMore(Running);

impl Drop for OneMore {
    fn drop(&mut self) {
        self.0.0.send_modify(|count| *count -= 1);
    }
}
