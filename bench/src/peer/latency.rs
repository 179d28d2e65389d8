//! How soon an idle worker starts a job.

use super::{CLASS, job};
use std::time::{Duration, Instant};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use vitrine_base::random;
use vitrine_queue::{ClassWorker, Delivery, Outcome, Queue, run_workers};

/// Milliseconds from the call that pushes a job to its start, one job at a time.
pub(super) async fn milliseconds(
    queue: &Queue,
    count: usize,
    concurrency: usize,
) -> anyhow::Result<Vec<f64>> {
    let (started, mut starts) = mpsc::unbounded_channel();
    let handler = move |_: Delivery| {
        // Nobody listens any more once the measurement is over.
        let _over = started.send(Instant::now());
        async { Outcome::Done }
    };
    let worker = ClassWorker {
        concurrency,
        ..ClassWorker::new(CLASS, handler)
    };
    let stop = CancellationToken::new();
    let working = tokio::spawn(run_workers(
        queue.clone(),
        vec![worker],
        stop.clone(),
        Duration::from_secs(5),
    ));
    let mut waits = Vec::with_capacity(count);
    for number in 0..count {
        // The load of the measurement, not a wait for a condition: the worker is to be idle.
        tokio::time::sleep(random::jitter(Duration::from_millis(10), 0.5..1.5)).await;
        let pushed = Instant::now();
        queue.push(&[job(number)]).await?;
        let begun = tokio::time::timeout(Duration::from_secs(10), starts.recv()).await?;
        let begun = begun.unwrap_or_else(Instant::now);
        waits.push(begun.saturating_duration_since(pushed).as_secs_f64() * 1_000.0);
    }
    stop.cancel();
    working.await??;
    Ok(waits)
}
