//! The tick: what is due goes to the queue.

use crate::{
    QueueAdapter,
    claim_rate::{ClaimRate, QueueCapacity},
    context::WorkerSettings,
    job_queue::class_name,
};
use sea_orm::DbErr;
use std::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;
use vitrine_accounts::{
    PauseState, Schedule,
    jobs::{JobClass, JobQueue, QueueUnavailable, QueuedJob},
};
use vitrine_base::random;
use vitrine_queue::{Queue, QueueError};

/// How soon a tick follows one that left something due.
const BUSY: Duration = Duration::from_millis(100);
/// Claims of one class in a tick; what is left waits for the next, so that no class waits for another.
const ROUNDS: u32 = 10;

/// Asks the schedule, again and again.
pub(crate) struct Scheduler {
    queue: Queue,
    schedule: Schedule,
    settings: WorkerSettings,
    claim_rate: ClaimRate,
    was_paused: bool,
}

/// Why a tick ended early.
#[derive(Debug, thiserror::Error)]
enum TickError {
    #[error("the schedule could not be read")]
    Database(#[from] DbErr),
    #[error("the queue is away; nothing is claimed meanwhile")]
    Queue(#[from] QueueError),
    #[error("due jobs were not queued; their claims will lapse")]
    Push(#[from] QueueUnavailable),
}

impl Scheduler {
    pub(crate) fn new(queue: Queue, schedule: Schedule, settings: WorkerSettings) -> Self {
        Self {
            queue,
            schedule,
            settings,
            claim_rate: ClaimRate::new(settings.syncs_per_second.get(), now()),
            was_paused: false,
        }
    }

    /// Ticks until it is asked to stop; trouble is logged and waited out.
    pub(crate) async fn run(mut self, stop: CancellationToken) {
        // Workers that start together would claim at the same moments ever after.
        let mut wait = random::jitter(self.settings.tick, 0.0..1.0);
        while stop.run_until_cancelled(tokio::time::sleep(wait)).await.is_some() {
            wait = match self.tick().await {
                Ok(true) => BUSY.min(self.settings.tick),
                Ok(false) => self.settings.tick,
                Err(error) => {
                    let cause = std::error::Error::source(&error).map(ToString::to_string);
                    tracing::warn!(cause, "{error}");
                    self.settings.tick
                }
            };
        }
    }

    /// Gives whether more is due than was taken.
    async fn tick(&mut self) -> Result<bool, TickError> {
        let due_summary = self.schedule.due_summary().await?;
        let pauses = due_summary.pauses;
        self.log_pauses(pauses);
        if pauses.everything {
            return Ok(false);
        }
        if pauses.some_tenants {
            self.put_off().await?;
        }
        let mut more = false;
        for class in JobClass::ALL {
            if due_summary.is_due(class) {
                more |= self.fill(class, pauses).await?;
            }
        }
        Ok(more)
    }

    fn log_pauses(&mut self, pauses: PauseState) {
        if pauses.everything != self.was_paused {
            match pauses.everything {
                true => tracing::warn!("the schedule is paused: nothing is claimed until it is resumed"),
                false => tracing::info!("the schedule is resumed"),
            }
            self.was_paused = pauses.everything;
        }
    }

    async fn put_off(&self) -> Result<(), TickError> {
        for _ in 0..ROUNDS {
            if !self.schedule.put_off_paused().await? {
                break;
            }
        }
        Ok(())
    }

    /// Claims of one class until nothing is left, or there is no room for it. A class that is paused in the
    /// queue gets nothing: what is due costs nothing where it is.
    async fn fill(&mut self, class: JobClass, pauses: PauseState) -> Result<bool, TickError> {
        let name = class_name(class);
        if self.queue.is_paused(&name).await? {
            return Ok(false);
        }
        let room = QueueCapacity::of(self.settings.concurrency_of(class));
        for _ in 0..ROUNDS {
            let wanted = room.left(self.queue.depth(&name).await?);
            let most = self.limited(class, wanted);
            if most == 0 {
                return Ok(true);
            }
            let due = self.schedule.claim(class, most, pauses).await?;
            self.push(class, &due).await?;
            if due.len() < most as usize {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Only syncs are paced: tokens cannot wait, and neither do people.
    fn limited(&mut self, class: JobClass, wanted: u32) -> u32 {
        match class {
            JobClass::Sync => wanted.min(self.claim_rate.allowance(now())),
            JobClass::Refresh | JobClass::Interactive => wanted,
        }
    }

    async fn push(&mut self, class: JobClass, due: &[QueuedJob]) -> Result<(), TickError> {
        if due.is_empty() {
            return Ok(());
        }
        if class == JobClass::Sync {
            self.claim_rate
                .spend(u32::try_from(due.len()).unwrap_or(u32::MAX));
        }
        let new = QueueAdapter(self.queue.clone()).push(due).await?;
        tracing::debug!(
            job.class = class.as_str(),
            claimed = due.len(),
            new,
            "due jobs were queued"
        );
        Ok(())
    }
}

/// The pace is kept by a clock that nobody moves.
fn now() -> Instant {
    tokio::time::Instant::now().into_std()
}
