//! What a job carries: ids, and nothing that could be stale or secret.

use serde::{Deserialize, Serialize};
use vitrine_entity::{
    AccountId, JobId, TenantId, Time,
    job::{self, JobKind},
};

/// Which line a job waits in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum JobClass {
    /// Tokens: never starved by the others.
    Refresh,
    /// A person waits.
    Interactive,
    /// The schedule.
    Sync,
}

impl JobClass {
    /// Every class.
    pub const ALL: [Self; 3] = [Self::Refresh, Self::Interactive, Self::Sync];

    /// Its name in the queue, in metrics and on the command line.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Refresh => "refresh",
            Self::Interactive => "interactive",
            Self::Sync => "sync",
        }
    }
}

/// One account's turn.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountJob {
    /// Owner of the account.
    pub tenant: TenantId,
    /// The account.
    pub account: AccountId,
    /// The due time that it was claimed for; none when it was asked for out of turn.
    pub due_at: Option<Time>,
    /// Its row in the history, when somebody asked for it.
    pub job: Option<JobId>,
}

/// An order for a worker. The names are stored in queues: when a shape changes, it gets a new one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Job {
    /// Renew the account's token.
    RefreshToken(AccountJob),
    /// Copy the account's newest posts.
    SyncMedia(AccountJob),
}

/// A payload that no job of this version can be read from.
#[derive(Debug, thiserror::Error)]
#[error("the payload is not a job of this version")]
pub struct UnreadableJob(#[from] serde_json::Error);

impl Job {
    /// The order of one kind.
    #[must_use]
    pub fn new(kind: JobKind, job: AccountJob) -> Self {
        match kind {
            JobKind::RefreshToken => Self::RefreshToken(job),
            JobKind::SyncMedia => Self::SyncMedia(job),
        }
    }

    /// What it does.
    #[must_use]
    pub fn kind(&self) -> JobKind {
        match self {
            Self::RefreshToken(_) => JobKind::RefreshToken,
            Self::SyncMedia(_) => JobKind::SyncMedia,
        }
    }

    /// Whose turn it is.
    #[must_use]
    pub fn account_job(&self) -> &AccountJob {
        match self {
            Self::RefreshToken(job) | Self::SyncMedia(job) => job,
        }
    }

    /// The bytes that travel.
    ///
    /// # Errors
    /// Never for the jobs of this version.
    pub fn encode(&self) -> Result<Vec<u8>, UnreadableJob> {
        Ok(serde_json::to_vec(self)?)
    }

    /// Reads what [`Job::encode`] wrote.
    ///
    /// # Errors
    /// For anything else.
    pub fn decode(bytes: &[u8]) -> Result<Self, UnreadableJob> {
        Ok(serde_json::from_slice(bytes)?)
    }
}

/// A job on its way to the queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueuedJob {
    /// The line it waits in.
    pub class: JobClass,
    /// The order.
    pub job: Job,
}

impl QueuedJob {
    /// The order for a job that somebody asked for.
    #[must_use]
    pub fn requested(row: &job::Model) -> Self {
        let job = AccountJob {
            tenant: row.tenant_id,
            account: row.account_id,
            due_at: None,
            job: Some(row.id),
        };
        Self {
            class: JobClass::Interactive,
            job: Job::new(row.kind, job),
        }
    }

    /// A name made of what is due and when, so that pushing twice is pushing once.
    #[must_use]
    pub fn id(&self) -> String {
        let prefix = match self.job.kind() {
            JobKind::RefreshToken => "refresh",
            JobKind::SyncMedia => "sync",
        };
        let job = self.job.account_job();
        match (job.job, job.due_at) {
            (Some(id), _) => format!("{prefix}:{}", id.0.simple()),
            (None, Some(due)) => format!("{prefix}:{}:{}", job.account.0.simple(), due.timestamp_millis()),
            (None, None) => format!("{prefix}:{}", job.account.0.simple()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use vitrine_base::clock::{Clock, SystemClock};

    fn order(due_at: Option<Time>) -> QueuedJob {
        let job = AccountJob {
            tenant: TenantId::generate(),
            account: AccountId::generate(),
            due_at,
            job: None,
        };
        QueuedJob {
            class: JobClass::Sync,
            job: Job::SyncMedia(job),
        }
    }

    #[test]
    fn a_job_survives_the_journey() {
        let order = order(Some(SystemClock.now()));

        assert_eq!(Job::decode(&order.job.encode().unwrap()).unwrap(), order.job);
        assert!(Job::decode(br#"{"kind":"unheard_of"}"#).is_err());
    }

    #[test]
    fn the_same_turn_has_the_same_name() {
        let order = order(Some(SystemClock.now()));

        assert_eq!(order.id(), order.clone().id());
    }
}
