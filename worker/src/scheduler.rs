//! The tick: what is due goes to the queue.

use crate::{QueuedJobs, context::WorkerSettings, queued_jobs::class_name};
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;
use vitrine_core::{
    accounts::Schedule,
    jobs::{JobClass, JobQueue, QueuedJob},
};
use vitrine_queue::Queue;

/// Rows of each kind that one tick claims at most.
const BATCH: u64 = 500;
/// With so many syncs waiting nothing is added: what is due stays in the database, where it costs
/// the queue nothing.
const ENOUGH: u64 = 2_000;

/// Asks the schedule, again and again.
pub(crate) struct Scheduler {
    queue: Queue,
    schedule: Schedule,
    settings: WorkerSettings,
}

impl Scheduler {
    pub(crate) fn new(queue: Queue, schedule: Schedule, settings: WorkerSettings) -> Self {
        Self {
            queue,
            schedule,
            settings,
        }
    }

    /// Ticks until it is told to stop; trouble is logged and waited out.
    pub(crate) async fn run(self, stop: CancellationToken) {
        let mut ticks = interval(self.settings.tick);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        while stop.run_until_cancelled(ticks.tick()).await.is_some() {
            self.tick().await;
        }
    }

    async fn tick(&self) {
        match self.schedule.claim_urgent(BATCH).await {
            Ok(due) => self.push(&due).await,
            Err(error) => tracing::warn!(error = %error, "the schedule could not be read"),
        }
        if !self.has_room().await {
            return;
        }
        match self.schedule.claim_syncs(BATCH).await {
            Ok(due) => self.push(&due).await,
            Err(error) => tracing::warn!(error = %error, "the schedule could not be read"),
        }
    }

    /// Whether the queue answers and holds few enough syncs to take more.
    async fn has_room(&self) -> bool {
        match self.queue.depth(&class_name(JobClass::Sync)).await {
            Ok(waiting) => waiting < ENOUGH,
            Err(error) => {
                tracing::warn!(error = %error, "the queue is away; nothing is claimed meanwhile");
                false
            }
        }
    }

    async fn push(&self, due: &[QueuedJob]) {
        if due.is_empty() {
            return;
        }
        match QueuedJobs(self.queue.clone()).push(due).await {
            Ok(new) => tracing::debug!(claimed = due.len(), new, "due jobs were queued"),
            Err(error) => tracing::warn!(error = %error, "due jobs were not queued; their claims will lapse"),
        }
    }
}
