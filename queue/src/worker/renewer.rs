//! Keeps the leases in hand from running out.

use std::sync::Arc;

use tokio::time::{Instant, MissedTickBehavior, interval};

use super::worker_state::WorkerState;
use crate::store::LeaseKey;

/// The most that is renewed in one step.
const BATCH: usize = 256;

/// Renews every third of a lease, and warns the handlers of leases that could not be; runs until dropped.
pub(super) async fn renew(worker_state: Arc<WorkerState>) {
    // Both in one task and not in one loop: a renewal that hangs must not keep handlers from hearing of it.
    tokio::join!(renew_all(&worker_state), warn_all_expiring(&worker_state));
}

/// Does not wait for an answer: while Redis gives none, leases run out all the same.
async fn warn_all_expiring(worker_state: &WorkerState) {
    // Twice as often as leases are renewed, so that a handler hears of the end soon after it.
    let mut ticks = interval(worker_state.lease / 6);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        worker_state.lease_table.warn_expiring(worker_state.lease);
    }
}

async fn renew_all(worker_state: &WorkerState) {
    // A third leaves room for one renewal that is lost and one that is slow.
    let mut ticks = interval(worker_state.lease / 3);
    // After a long answer the next round waits its full time: a burst of missed ticks would renew what was just
    // renewed.
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        // In parts, as one step blocks Redis for everybody; the table is not locked meanwhile.
        for keys in worker_state.lease_table.keys().chunks(BATCH) {
            renew_some(worker_state, keys).await;
        }
    }
}

async fn renew_some(worker_state: &WorkerState, keys: &[LeaseKey]) {
    // The lease counts from when Redis takes the renewal, which is later. Counted from here, a handler is rather
    // warned too early than too late.
    let sent = Instant::now();
    match worker_state
        .store
        .renew(&worker_state.class, keys, worker_state.lease)
        .await
    {
        Ok(gone) => {
            // A class with no room fetches nothing for as long as its jobs run; this shows that it lives.
            worker_state.liveness.fetched(&worker_state.class);
            let lost = worker_state.lease_table.renewed(keys, &gone, sent);
            if lost > 0 {
                tracing::warn!(job.class = %worker_state.class, leases.lost = lost, "leases were lost");
                worker_state.meters.lost(lost);
            }
        }
        Err(error) => {
            // Not tried again before the next round: the leases hold that long, and Redis may be busy coming back.
            let error = &error as &dyn std::error::Error;
            tracing::warn!(job.class = %worker_state.class, error, "could not renew leases");
        }
    }
}
