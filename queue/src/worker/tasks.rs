//! The background tasks of one class.

use std::sync::Arc;

use tokio::{sync::mpsc, task::JoinHandle};
use tokio_util::task::AbortOnDropHandle;

use super::{flusher::flush, prefetcher::prefetch, renewer::renew, worker_state::WorkerState};
use crate::store::Settlement;

/// Feeder, flusher and renewer. Dropped, it gives back what its worker held; the flusher then ends by itself.
pub(super) struct WorkerTasks {
    worker_state: Arc<WorkerState>,
    flusher: Option<JoinHandle<()>>,
    _renewer: AbortOnDropHandle<()>,
}

impl WorkerTasks {
    /// Starts the tasks. Must be called inside a tokio runtime.
    pub(super) fn start(
        worker_state: &Arc<WorkerState>,
        settlements: mpsc::UnboundedReceiver<Settlement>,
    ) -> Self {
        tokio::spawn(prefetch(Arc::clone(worker_state)));
        Self {
            flusher: Some(tokio::spawn(flush(Arc::clone(worker_state), settlements))),
            _renewer: AbortOnDropHandle::new(tokio::spawn(renew(Arc::clone(worker_state)))),
            worker_state: Arc::clone(worker_state),
        }
    }

    /// Gives back what has not started and waits until every settlement has arrived.
    pub(super) async fn finish(mut self) {
        self.worker_state.stop.cancel();
        if let Some(flusher) = self.flusher.take() {
            let _ = flusher.await;
        }
    }
}

impl Drop for WorkerTasks {
    fn drop(&mut self) {
        self.worker_state.stop.cancel();
        self.worker_state.abandon();
    }
}
