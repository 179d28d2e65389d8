//! Runs jobs and looks for what is due.

use std::time::Duration;

use tokio_util::sync::CancellationToken;
use vitrine_queue::Queue;
use vitrine_worker::{WorkerSettings, class_names};

use super::distributed_services;
use crate::background_tasks::BackgroundTasks;
use crate::config::{Settings, warnings};
use crate::failure::Failure;
use crate::metrics::Metrics;
use crate::wiring::Services;

/// How often the jobs of the queue are counted.
const COUNTED_EVERY: Duration = Duration::from_secs(5);

/// Works until `stop`.
///
/// # Errors
/// When something that it needs is missing, or the workers fail as a whole.
pub(crate) async fn run(settings: &Settings, stop: CancellationToken) -> Result<(), Failure> {
    let tasks = BackgroundTasks::default();
    let metrics = Metrics::collect(settings, "worker", &tasks)?;
    let services = distributed_services(settings, tasks.clone()).await?;
    metrics.serve(services.database(), services.probes(), &stop, &tasks);
    warnings::warn_sending(settings);
    tracing::info!("working");
    let worked = work(settings, &services, stop).await;
    services.close().await;
    worked
}

/// Runs the workers of a process until `stop`, and what then still runs for as long as the grace allows.
///
/// # Errors
/// When the workers fail as a whole.
pub(super) async fn work(
    settings: &Settings,
    services: &Services,
    stop: CancellationToken,
) -> Result<(), Failure> {
    let wanted = WorkerSettings {
        concurrency: settings.worker.concurrency.get(),
        tick: settings.schedule.tick,
        syncs_per_second: settings.schedule.syncs_per_second,
        keep_history: settings.history.keep,
        keep_audit_log: settings.audit.keep,
        lease: settings.worker.lease,
        first_retry: settings.worker.first_retry,
        grace: settings.finish_time(),
    };
    let queue = services.parts.engines.queue.clone();
    services.parts.tasks.spawn(count_jobs(queue));
    let done_all = CancellationToken::new();
    let (stopping, ended) = (stop.clone().cancelled_owned(), done_all.clone().cancelled_owned());
    let counting = tokio::spawn(services.usage_counter.clone().flush_periodically(stopping, ended));
    let worked = vitrine_worker::run(
        services.parts.engines.queue.clone(),
        services.worker_context(),
        wanted,
        stop.clone(),
    )
    .await;
    // Also when the workers failed by themselves.
    stop.cancel();
    done_all.cancel();
    let counted = counting.await;
    counted.map_err(|error| Failure::because("what was done last was not written down", &error))?;
    worked.map_err(|error| Failure::because("the workers failed", &error))
}

/// Keeps the gauges of the queue fresh for whoever reads the metrics.
async fn count_jobs(queue: Queue) {
    let classes = class_names();
    loop {
        tokio::time::sleep(COUNTED_EVERY).await;
        if let Err(error) = queue.record_gauges(&classes).await {
            tracing::debug!(%error, "the queue was not counted");
        }
    }
}
