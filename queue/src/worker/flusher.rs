//! Delivers settlements in batches, for as long as it takes.

use std::sync::{Arc, atomic::Ordering};

use tokio::sync::mpsc;

use super::worker_state::WorkerState;
use crate::{backoff::Backoff, store::Settlement};

/// The most that is settled in one step.
const BATCH: usize = 256;

/// Runs until the feeder has ended and every lease in hand is settled.
pub(super) async fn flush(
    worker_state: Arc<WorkerState>,
    mut settlements: mpsc::UnboundedReceiver<Settlement>,
) {
    let mut batch = Vec::with_capacity(BATCH);
    loop {
        tokio::select! {
            biased;
            _ = settlements.recv_many(&mut batch, BATCH) => {}
            () = finished(&worker_state) => break,
        }
        deliver(&worker_state, &batch).await;
        batch.clear();
    }
}

async fn finished(worker_state: &WorkerState) {
    worker_state.fed.cancelled().await;
    worker_state.lease_table.empty().await;
}

/// Tries until the batch has arrived. What waits behind it is bounded by the leases in hand.
async fn deliver(worker_state: &WorkerState, batch: &[Settlement]) {
    let mut backoff = Backoff::default();
    loop {
        match worker_state.store.settle(&worker_state.class, batch).await {
            Ok(lost) => {
                if lost > 0 {
                    tracing::warn!(job.class = %worker_state.class, leases.lost = lost, "jobs ended after their lease");
                    worker_state.meters.lost(lost);
                }
                break;
            }
            Err(error) => {
                worker_state.stuck.store(true, Ordering::Release);
                if backoff.failures() == 0 {
                    let error = &error as &dyn std::error::Error;
                    tracing::warn!(job.class = %worker_state.class, error, "could not settle jobs, trying again");
                }
                backoff.wait().await;
            }
        }
    }
    worker_state.stuck.store(false, Ordering::Release);
    worker_state
        .lease_table
        .leave(batch.iter().map(|settlement| &settlement.lease));
}
