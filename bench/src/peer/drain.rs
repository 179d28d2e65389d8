//! How fast a backlog of jobs that do nothing is worked off.

use super::{CLASS, push};
use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};
use tokio_util::sync::CancellationToken;
use vitrine_queue::{ClassWorker, Delivery, Outcome, Queue, run_workers};

/// Seconds from the start of a worker until the last of `count` jobs has been settled.
pub(super) async fn seconds(queue: &Queue, count: usize, concurrency: usize) -> anyhow::Result<f64> {
    push(queue, count).await?;
    let (left, done) = (Arc::new(AtomicUsize::new(count)), CancellationToken::new());
    let all_done = done.clone();
    let handler = move |_: Delivery| {
        if left.fetch_sub(1, Ordering::Relaxed) == 1 {
            all_done.cancel();
        }
        async { Outcome::Done }
    };
    let worker = ClassWorker {
        concurrency,
        ..ClassWorker::new(CLASS, handler)
    };
    let began = Instant::now();
    // Stopping settles what is still to be settled, so the figure counts acknowledged jobs only.
    run_workers(queue.clone(), vec![worker], done, Duration::from_secs(5)).await?;
    let seconds = began.elapsed().as_secs_f64();
    let rest = queue.stats(&CLASS.into()).await?;
    anyhow::ensure!(rest.ready + rest.leased == 0, "jobs are left: {rest:?}");
    Ok(seconds)
}
