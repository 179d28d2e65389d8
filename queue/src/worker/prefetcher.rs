//! Fetches jobs ahead of the worker, and gives back what it cannot start.

use std::{pin::pin, sync::Arc, time::Duration};

use tokio::time::Instant;

use super::{buffer::BufferedJob, worker_state::WorkerState};
use crate::{QueueError, backoff::Backoff, store::Batch};

/// An idle class is looked at this often, should a wake-up have been missed.
const POLL: Duration = Duration::from_secs(1);

/// A job that has waited this long behind others is better off with another worker.
const STALE: Duration = Duration::from_millis(250);

/// Runs until the station stops, then gives back what has not started.
pub(super) async fn prefetch(worker_state: Arc<WorkerState>) {
    let wakeup = worker_state.store.wakeup(&worker_state.class);
    let mut backoff = Backoff::default();
    while !worker_state.stop.is_cancelled() {
        let Some(room) = wait_for_room(&worker_state).await else {
            break;
        };
        // Listening from before the fetch, so that no push falls between the two.
        let mut rung = pin!(wakeup.notified());
        rung.as_mut().enable();
        let Some(pause) = fetch(&worker_state, room, &mut backoff).await else {
            continue;
        };
        tokio::select! {
            () = worker_state.stop.cancelled() => {}
            () = rung => {}
            () = tokio::time::sleep(pause), if !pause.is_zero() => {}
            () = std::future::ready(()), if pause.is_zero() => {}
        }
    }
    worker_state.give_back();
    if backoff.failures() > 0 {
        take_back_unheard(&worker_state).await;
    }
    worker_state.fed.cancel();
}

/// Fetches once; says how long to wait before the next fetch if nothing rings. None after a failure, which was waited
/// out.
async fn fetch(worker_state: &WorkerState, room: usize, backoff: &mut Backoff) -> Option<Duration> {
    let (store, class) = (&worker_state.store, &worker_state.class);
    let asked = Instant::now();
    // Never cut short: jobs leased by an answer nobody reads would wait until their lease ran out.
    match store.fetch(class, worker_state.order(room)).await {
        Ok(batch) => {
            if backoff.reset() {
                tracing::info!(job.class = %class, "fetching jobs again");
            }
            Some(take_in(worker_state, batch, room, asked))
        }
        Err(error) => {
            back_off(worker_state, &error, backoff).await;
            None
        }
    }
}

/// Fetches no more jobs, but takes back those that were leased without our hearing of it. Should this fail too, they
/// come back when their leases run out.
async fn take_back_unheard(worker_state: &WorkerState) {
    let (store, class) = (&worker_state.store, &worker_state.class);
    let _ = store.fetch(class, worker_state.order(0)).await;
}

/// Hands jobs to the worker; says how long to wait before the next fetch if nothing rings.
fn take_in(worker_state: &WorkerState, batch: Batch, room: usize, asked: Instant) -> Duration {
    worker_state.liveness.fetched(&worker_state.class);
    worker_state.meters.expired(batch.expired);
    let full = batch.jobs.len() >= room;
    worker_state.buffer.put(batch.jobs.into_iter().map(|job| {
        let lost = worker_state.lease_table.enter(job.lease.clone(), asked);
        BufferedJob {
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

async fn back_off(worker_state: &WorkerState, error: &QueueError, backoff: &mut Backoff) {
    if backoff.failures() == 0 {
        let error = error as &dyn std::error::Error;
        tracing::warn!(job.class = %worker_state.class, error, "could not fetch jobs, trying again");
    }
    tokio::select! {
        () = worker_state.stop.cancelled() => {}
        () = backoff.wait() => {}
    }
}

/// Waits until a fetch is worth while; none when the station stops.
async fn wait_for_room(worker_state: &WorkerState) -> Option<usize> {
    loop {
        let mut left = pin!(worker_state.lease_table.left.notified());
        left.as_mut().enable();
        let mut low = pin!(worker_state.buffer.low.notified());
        low.as_mut().enable();
        if worker_state.stop.is_cancelled() {
            return None;
        }
        let room = worker_state.room();
        if room > 0 {
            return Some(room);
        }
        tokio::select! {
            () = worker_state.stop.cancelled() => {}
            () = left => {}
            () = low => {}
            () = stale(worker_state) => {
                worker_state.prefetch_size.stalled();
                worker_state.give_back();
            }
        }
    }
}

/// Ends when the job at the head of the buffer has waited too long.
async fn stale(worker_state: &WorkerState) {
    match worker_state.buffer.oldest() {
        Some(since) => tokio::time::sleep_until(since + STALE).await,
        None => std::future::pending().await,
    }
}
