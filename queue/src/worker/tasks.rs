//! The background tasks of one class.

use std::sync::Arc;

use tokio::{sync::mpsc, task::JoinHandle};
use tokio_util::task::AbortOnDropHandle;

use super::{flusher::flush, prefetcher::feed, renewer::renew, worker_state::Station};
use crate::store::Settlement;

/// Feeder, flusher and renewer. Dropped, it gives back what its worker held; the flusher then ends by itself.
pub(super) struct Crew {
    station: Arc<Station>,
    flusher: Option<JoinHandle<()>>,
    _renewer: AbortOnDropHandle<()>,
}

impl Crew {
    /// Starts the tasks. Must be called inside a tokio runtime.
    pub(super) fn start(station: &Arc<Station>, settlements: mpsc::UnboundedReceiver<Settlement>) -> Self {
        tokio::spawn(feed(Arc::clone(station)));
        Self {
            flusher: Some(tokio::spawn(flush(Arc::clone(station), settlements))),
            _renewer: AbortOnDropHandle::new(tokio::spawn(renew(Arc::clone(station)))),
            station: Arc::clone(station),
        }
    }

    /// Gives back what has not started and waits until every settlement has arrived.
    pub(super) async fn finish(mut self) {
        self.station.stop.cancel();
        if let Some(flusher) = self.flusher.take() {
            let _ = flusher.await;
        }
    }
}

impl Drop for Crew {
    fn drop(&mut self) {
        self.station.stop.cancel();
        self.station.abandon();
    }
}
