//! Delivers settlements in batches, for as long as it takes.

use std::sync::{Arc, atomic::Ordering};

use tokio::sync::mpsc;

use super::worker_state::Station;
use crate::{backoff::Patience, store::Settlement};

/// The most that is settled in one step.
const BATCH: usize = 256;

/// Runs until the feeder has ended and every lease in hand is settled.
pub(super) async fn flush(station: Arc<Station>, mut settlements: mpsc::UnboundedReceiver<Settlement>) {
    let mut batch = Vec::with_capacity(BATCH);
    loop {
        tokio::select! {
            biased;
            _ = settlements.recv_many(&mut batch, BATCH) => {}
            () = finished(&station) => break,
        }
        deliver(&station, &batch).await;
        batch.clear();
    }
}

async fn finished(station: &Station) {
    station.fed.cancelled().await;
    station.ledger.empty().await;
}

/// Tries until the batch has arrived. What waits behind it is bounded by the leases in hand.
async fn deliver(station: &Station, batch: &[Settlement]) {
    let mut patience = Patience::default();
    loop {
        match station.store.settle(&station.class, batch).await {
            Ok(lost) => {
                if lost > 0 {
                    tracing::warn!(job.class = %station.class, leases.lost = lost, "jobs ended after their lease");
                    station.meters.lost(lost);
                }
                break;
            }
            Err(error) => {
                station.stuck.store(true, Ordering::Release);
                if patience.failures() == 0 {
                    let error = &error as &dyn std::error::Error;
                    tracing::warn!(job.class = %station.class, error, "could not settle jobs, trying again");
                }
                patience.wait().await;
            }
        }
    }
    station.stuck.store(false, Ordering::Release);
    station
        .ledger
        .leave(batch.iter().map(|settlement| &settlement.lease));
}
