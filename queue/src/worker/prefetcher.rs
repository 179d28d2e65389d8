//! Fetches jobs ahead of the worker, and gives back what it cannot start.

use std::{pin::pin, sync::Arc, time::Duration};

use tokio::time::Instant;

use super::{buffer::Held, worker_state::Station};
use crate::{QueueError, backoff::Patience, store::Batch};

/// An idle class is looked at this often, should a wake-up have been missed.
const POLL: Duration = Duration::from_secs(1);

/// A job that has waited this long behind others is better off with another worker.
const STALE: Duration = Duration::from_millis(250);

/// Runs until the station stops, then gives back what has not started.
pub(super) async fn feed(station: Arc<Station>) {
    let bell = station.store.bell(&station.class);
    let mut patience = Patience::default();
    while !station.stop.is_cancelled() {
        let Some(room) = wait_for_room(&station).await else {
            break;
        };
        // Listening from before the fetch, so that no push falls between the two.
        let mut rung = pin!(bell.notified());
        rung.as_mut().enable();
        let asked = Instant::now();
        // Never cut short: jobs leased by an answer nobody reads would wait until their lease ran out.
        let pause = match station.store.fetch(&station.class, station.order(room)).await {
            Ok(batch) => {
                if patience.reset() {
                    tracing::info!(job.class = %station.class, "fetching jobs again");
                }
                take_in(&station, batch, room, asked)
            }
            Err(error) => {
                be_patient(&station, &error, &mut patience).await;
                continue;
            }
        };
        tokio::select! {
            () = station.stop.cancelled() => {}
            () = rung => {}
            () = tokio::time::sleep(pause), if !pause.is_zero() => {}
            () = std::future::ready(()), if pause.is_zero() => {}
        }
    }
    station.give_back();
    if patience.failures() > 0 {
        // For no more jobs: takes back those that were leased without our hearing of it. Should this fail too,
        // they come back when their leases run out.
        let _ = station.store.fetch(&station.class, station.order(0)).await;
    }
    station.fed.cancel();
}

/// Hands jobs to the worker; says how long to wait before the next fetch if nothing rings.
fn take_in(station: &Station, batch: Batch, room: usize, asked: Instant) -> Duration {
    station.liveness.fetched(&station.class);
    station.meters.expired(batch.expired);
    let full = batch.jobs.len() >= room;
    station.buffer.put(batch.jobs.into_iter().map(|job| {
        let lost = station.ledger.enter(job.lease.clone(), asked);
        Held {
            job,
            lost,
            since: asked,
        }
    }));
    if full {
        return Duration::ZERO;
    }
    batch
        .next_due
        .unwrap_or(POLL)
        .clamp(Duration::from_millis(1), POLL)
}

async fn be_patient(station: &Station, error: &QueueError, patience: &mut Patience) {
    if patience.failures() == 0 {
        let error = error as &dyn std::error::Error;
        tracing::warn!(job.class = %station.class, error, "could not fetch jobs, trying again");
    }
    tokio::select! {
        () = station.stop.cancelled() => {}
        () = patience.wait() => {}
    }
}

/// Waits until a fetch is worth while; none when the station stops.
async fn wait_for_room(station: &Station) -> Option<usize> {
    loop {
        let mut left = pin!(station.ledger.left.notified());
        left.as_mut().enable();
        let mut low = pin!(station.buffer.low.notified());
        low.as_mut().enable();
        if station.stop.is_cancelled() {
            return None;
        }
        let room = station.room();
        if room > 0 {
            return Some(room);
        }
        tokio::select! {
            () = station.stop.cancelled() => {}
            () = left => {}
            () = low => {}
            () = stale(station) => {
                station.pace.stalled();
                station.give_back();
            }
        }
    }
}

/// Ends when the job at the head of the buffer has waited too long.
async fn stale(station: &Station) {
    match station.buffer.oldest() {
        Some(since) => tokio::time::sleep_until(since + STALE).await,
        None => std::future::pending().await,
    }
}
