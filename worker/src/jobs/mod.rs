//! One handler a job.

mod refresh_token;
mod sync_media;

use crate::{
    context::Context,
    run_outcome::{Attempt, RunOutcome},
};
use async_trait::async_trait;
use std::time::Duration;
use vitrine_accounts::jobs::Job;
use vitrine_base::clock::{SharedClock, later};
use vitrine_queue::{Delivery, Handler, Outcome};

/// A job that somebody waits for is found again by the schedule when its run is lost for so long.
const FOUND_AGAIN_AFTER: Duration = Duration::from_mins(10);

/// Runs the jobs of accounts and settles how they end.
pub(crate) struct AccountJobs {
    context: Context,
    first_retry: Duration,
}

impl AccountJobs {
    pub(crate) fn new(context: Context, first_retry: Duration) -> Self {
        Self { context, first_retry }
    }

    fn clock(&self) -> &SharedClock {
        &self.context.clock
    }

    async fn attempt(&self, job: Job, attempt: Attempt) -> Outcome {
        let found_again = later(attempt.started_at, FOUND_AGAIN_AFTER);
        match self.context.history.began(job.account_job(), found_again).await {
            Ok(true) => {}
            Ok(false) => return Outcome::Done,
            Err(error) => return attempt.again(format!("the history could not be written: {error}")),
        }
        let ending = match &job {
            Job::SyncMedia(order) => sync_media::run(order, &self.context, &attempt).await,
            Job::RefreshToken(order) => refresh_token::run(order, &self.context, &attempt).await,
        };
        self.settle(&job, &attempt, ending).await
    }

    /// Writes the history, then reports to the queue.
    async fn settle(&self, job: &Job, attempt: &Attempt, ending: RunOutcome) -> Outcome {
        let (kind, order) = (job.kind(), job.account_job());
        let written = match &ending.history {
            Some(result) => {
                let number = i32::try_from(attempt.number).unwrap_or(i32::MAX);
                self.context
                    .history
                    .ended(kind, order, number, attempt.started_at, result)
                    .await
            }
            None => Ok(()),
        };
        if let Err(error) = written {
            tracing::error!(error = %error, account.id = %order.account, "could not store how a job ended");
        }
        ending.outcome
    }
}

#[async_trait]
impl Handler for AccountJobs {
    async fn run(&self, delivery: Delivery) -> Outcome {
        let job = match Job::decode(&delivery.payload) {
            Ok(job) => job,
            Err(error) => {
                return Outcome::Discard {
                    reason: format!("unreadable payload: {error}"),
                };
            }
        };
        let attempt = Attempt {
            number: delivery.attempt,
            most: delivery.max_attempts,
            started_at: self.clock().now(),
            first_retry: self.first_retry,
        };
        self.attempt(job, attempt).await
    }
}
