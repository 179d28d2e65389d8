//! A worker process: handlers over the queue, and the scheduler beside them.

use crate::{
    context::{Context, WorkerSettings},
    deletions,
    job_queue::class_name,
    jobs::AccountJobs,
    mail_worker::MailWorker,
    maintenance::Maintenance,
    scheduler::Scheduler,
    tenant_tasks,
};
use std::sync::Arc;
use tokio_util::sync::CancellationToken;
use vitrine_accounts::jobs::JobClass;
use vitrine_queue::{ClassName, ClassWorker, Queue, QueueError, run_workers};

/// Tries of one delivery, backed off; after them the schedule decides when the next turn is.
const ATTEMPTS: u32 = 5;

/// The classes in the queue, for gauges and probes.
#[must_use]
pub fn class_names() -> Vec<ClassName> {
    JobClass::ALL.into_iter().map(class_name).collect()
}

/// Works until `stop` is cancelled, then finishes what runs.
///
/// # Errors
/// When the workers' monitor itself fails; trouble with the queue or the database is waited out.
pub async fn run(
    queue: Queue,
    context: Context,
    settings: WorkerSettings,
    stop: CancellationToken,
) -> Result<(), QueueError> {
    let scheduler = Scheduler::new(queue.clone(), context.schedule.clone(), settings);
    let upkeep = Maintenance::new(context.clone(), settings);
    let ticking = tokio::spawn(scheduler.run(stop.clone()));
    let postman = MailWorker::new(context.mailer.clone(), settings);
    let sending = tokio::spawn(postman.run(stop.clone()));
    let deleting = tokio::spawn(deletions::run(context.deletions.clone(), stop.clone()));
    let looking_after = tokio::spawn(upkeep.run(stop.clone()));
    let tasks = tokio::spawn(tenant_tasks::run(context.tenant_tasks.clone(), stop.clone()));
    let workers = JobClass::ALL
        .into_iter()
        .map(|class| worker(class, &context, settings))
        .collect();
    let worked = run_workers(queue, workers, stop.clone(), settings.grace).await;
    stop.cancel();
    for part in [ticking, looking_after, tasks, sending, deleting] {
        if let Err(error) = part.await {
            tracing::error!(error = %error, "a part of the worker ended in a panic");
        }
    }
    worked
}

fn worker(class: JobClass, context: &Context, settings: WorkerSettings) -> ClassWorker {
    ClassWorker {
        class: class_name(class),
        concurrency: settings.concurrency_of(class),
        lease: settings.lease,
        max_attempts: ATTEMPTS,
        handler: Arc::new(AccountJobs::new(context.clone(), settings.first_retry)),
    }
}
