//! Keeps the leases in hand from running out.

use std::sync::Arc;

use tokio::time::{Instant, MissedTickBehavior, interval};

use super::worker_state::Station;
use crate::store::LeaseKey;

/// The most that is renewed in one step.
const BATCH: usize = 256;

/// Renews every third of a lease, and warns the handlers of leases that could not be; runs until dropped.
pub(super) async fn renew(station: Arc<Station>) {
    tokio::join!(renew_all(&station), doubt_all(&station));
}

/// Does not wait for an answer: while Redis gives none, leases run out all the same.
async fn doubt_all(station: &Station) {
    let mut ticks = interval(station.lease / 6);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        station.ledger.doubt(station.lease);
    }
}

async fn renew_all(station: &Station) {
    let mut ticks = interval(station.lease / 3);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        for keys in station.ledger.keys().chunks(BATCH) {
            renew_some(station, keys).await;
        }
    }
}

async fn renew_some(station: &Station, keys: &[LeaseKey]) {
    let sent = Instant::now();
    match station.store.renew(&station.class, keys, station.lease).await {
        Ok(gone) => {
            station.liveness.fetched(&station.class);
            let lost = station.ledger.renewed(keys, &gone, sent);
            if lost > 0 {
                tracing::warn!(job.class = %station.class, leases.lost = lost, "leases were lost");
                station.meters.lost(lost);
            }
        }
        Err(error) => {
            let error = &error as &dyn std::error::Error;
            tracing::warn!(job.class = %station.class, error, "could not renew leases");
        }
    }
}
