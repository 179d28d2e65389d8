//! How a run ended, for the history and for the queue.

use serde::Serialize;
use std::{error::Error, time::Duration};
use vitrine_accounts::{
    Reason, RunError,
    jobs::{AccountJob, JobResult},
};
use vitrine_base::{background::leased_work::Backoff, clock::later};
use vitrine_entity::Time;
use vitrine_queue::Outcome;

/// No wait between two tries is longer.
const LONGEST_WAIT: Duration = Duration::from_mins(5);

/// One try of a job.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Attempt {
    /// Counts from 1.
    pub(crate) number: u32,
    /// The last one.
    pub(crate) most: u32,
    /// When it began.
    pub(crate) started_at: Time,
    /// Wait before the second try.
    pub(crate) first_retry: Duration,
}

/// What the history and the queue record.
#[derive(Debug)]
pub(crate) struct RunOutcome {
    /// Written down; none when there is nothing to report.
    pub(crate) history: Option<JobResult>,
    /// The queue's part.
    pub(crate) outcome: Outcome,
    /// Whether this was the last try.
    pub(crate) gave_up: bool,
}

impl RunOutcome {
    /// The run did what it should.
    pub(crate) fn succeeded(report: &impl Serialize, notable: bool) -> Self {
        let result = serde_json::to_value(report).unwrap_or_default();
        Self::done(Some(JobResult::Succeeded { result, notable }))
    }

    /// The run is over as far as the queue is concerned; the database knows when the next is due.
    fn done(history: Option<JobResult>) -> Self {
        Self {
            history,
            outcome: Outcome::Done,
            gave_up: false,
        }
    }

    /// The same, with a word in the log when giving up could not be written down.
    pub(crate) fn after(self, given_up: Result<(), impl Error>) -> Self {
        if let Err(error) = given_up {
            tracing::error!(error = %error, "could not store that a job gave up; its claim will expire");
        }
        self
    }
}

impl Attempt {
    /// Wait before the next try.
    fn wait(&self) -> Duration {
        Backoff::new(self.first_retry, LONGEST_WAIT)
            .spread(0.5, 1.0)
            .after(self.number)
    }

    /// Asks the queue for another try.
    pub(crate) fn again(&self, reason: String) -> Outcome {
        Outcome::Retry {
            after: self.wait(),
            reason,
        }
    }

    /// What the end of a run without success means.
    pub(crate) fn ending(&self, order: &AccountJob, kind: &'static str, error: &RunError) -> RunOutcome {
        self.log(order, kind, error);
        match error {
            RunError::Stale(reason) if order.job.is_some() => {
                RunOutcome::done(Some(JobResult::Failed { reason: *reason }))
            }
            RunError::Stale(_) => RunOutcome::done(None),
            RunError::Later { until, reason } => RunOutcome::done(Some(JobResult::Deferred {
                until: *until,
                reason: *reason,
            })),
            RunError::Failed { reason, .. } | RunError::Stopped { reason } => {
                RunOutcome::done(Some(JobResult::Failed { reason: *reason }))
            }
            RunError::Retry { reason, .. } if self.number >= self.most => RunOutcome {
                gave_up: true,
                ..RunOutcome::done(Some(JobResult::Dead { reason: *reason }))
            },
            RunError::Retry { reason, .. } => self.retrying(*reason),
        }
    }

    fn retrying(&self, reason: Reason) -> RunOutcome {
        let after = self.wait();
        let at = later(self.started_at, after + LONGEST_WAIT);
        RunOutcome {
            history: Some(JobResult::Retrying { at, reason }),
            outcome: Outcome::Retry {
                after,
                reason: reason.to_string(),
            },
            gave_up: false,
        }
    }

    fn log(&self, order: &AccountJob, kind: &'static str, error: &RunError) {
        let cause = error.source().map(ToString::to_string).unwrap_or_default();
        match error {
            RunError::Stale(_) => tracing::debug!(account.id = %order.account, job.kind = kind, "{error}"),
            _ => tracing::warn!(
                account.id = %order.account, job.kind = kind, job.attempt = self.number, cause, "{error}"
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use vitrine_base::clock::{Clock, TestClock};
    use vitrine_entity::{AccountId, TenantId};

    fn attempt(number: u32) -> Attempt {
        Attempt {
            number,
            most: 5,
            started_at: TestClock::new().now(),
            first_retry: Duration::from_secs(2),
        }
    }

    fn order() -> AccountJob {
        AccountJob {
            tenant: TenantId::generate(),
            account: AccountId::generate(),
            due_at: None,
            job: None,
        }
    }

    #[test]
    fn trouble_is_tried_again_until_the_last_try() {
        let trouble = RunError::Retry {
            reason: Reason::TemporarilyUnavailable,
            source: None,
        };

        let fourth = attempt(4).ending(&order(), "sync_media", &trouble);
        let fifth = attempt(5).ending(&order(), "sync_media", &trouble);

        assert!(matches!(fourth.outcome, Outcome::Retry { .. }) && !fourth.gave_up);
        assert!(matches!(fifth.outcome, Outcome::Done) && fifth.gave_up);
    }

    #[test]
    fn waits_double_and_stay_bounded() {
        for (number, most) in [(1, 2), (2, 4), (3, 8), (30, 300)] {
            let wait = attempt(number).wait();
            assert!(
                wait <= Duration::from_secs(most) && wait >= Duration::from_secs(most) / 2,
                "{wait:?}"
            );
        }
    }

    #[test]
    fn a_spent_budget_costs_the_queue_nothing() {
        let spent = RunError::Later {
            until: TestClock::new().now(),
            reason: Reason::BudgetSpent,
        };

        let ending = attempt(5).ending(&order(), "sync_media", &spent);

        assert!(matches!(ending.outcome, Outcome::Done) && !ending.gave_up);
    }
}
