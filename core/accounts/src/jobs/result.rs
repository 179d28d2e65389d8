//! How a run ended, and what that means for the row of its job.

use crate::Reason;
use vitrine_entity::{Time, job::JobStatus};

/// How a run ended.
#[derive(Clone, Debug, PartialEq)]
pub enum JobResult {
    /// It did what it should; `notable` when there is something to report.
    Succeeded {
        /// What came of it.
        result: serde_json::Value,
        /// Whether a job of the schedule leaves a row.
        notable: bool,
    },
    /// It will go on then, without having cost an attempt.
    Deferred {
        /// When.
        until: Time,
        /// Why.
        reason: Reason,
    },
    /// It will be tried again by the queue at about that time.
    Retrying {
        /// When.
        at: Time,
        /// Why.
        reason: Reason,
    },
    /// It ended without success, and trying again would not help.
    Failed {
        /// Why.
        reason: Reason,
    },
    /// It was tried as often as is allowed.
    Dead {
        /// Why.
        reason: Reason,
    },
}

/// A deferred or retried run of the schedule shows in its account; only an end is history.
pub(super) fn leaves_a_row(result: &JobResult) -> bool {
    match result {
        JobResult::Succeeded { notable, .. } => *notable,
        JobResult::Deferred { .. } | JobResult::Retrying { .. } => false,
        JobResult::Failed { .. } | JobResult::Dead { .. } => true,
    }
}

/// The columns that an end decides.
pub(super) struct Row {
    pub(super) status: JobStatus,
    pub(super) run_at: Option<Time>,
    pub(super) finished_at: Option<Time>,
    pub(super) error: Option<String>,
    pub(super) result: Option<serde_json::Value>,
}

impl Row {
    pub(super) fn of(result: &JobResult, now: Time) -> Self {
        let ended = |status, error: Option<Reason>| Self {
            status,
            run_at: None,
            finished_at: Some(now),
            error: error.map(|reason| reason.to_string()),
            result: None,
        };
        let waiting = |status, at, reason: Reason| Self {
            status,
            run_at: Some(at),
            finished_at: None,
            error: Some(reason.to_string()),
            result: None,
        };
        match result {
            JobResult::Succeeded { result, .. } => Self {
                result: Some(result.clone()),
                ..ended(JobStatus::Succeeded, None)
            },
            JobResult::Deferred { until, reason } => waiting(JobStatus::Deferred, *until, *reason),
            JobResult::Retrying { at, reason } => waiting(JobStatus::Queued, *at, *reason),
            JobResult::Failed { reason } => ended(JobStatus::Failed, Some(*reason)),
            JobResult::Dead { reason } => ended(JobStatus::Dead, Some(*reason)),
        }
    }
}
