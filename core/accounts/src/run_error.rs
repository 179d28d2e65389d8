//! How the run of a job can end other than well.

use crate::Reason;
use vitrine_base::{database::BatchFailed, security::VaultError};
use vitrine_entity::Time;

/// Why a run ended without success.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// There is nothing to do any more: the account is gone, or another run did it.
    #[error("nothing to do: {0}")]
    Stale(Reason),
    /// It goes on then; this costs no attempt.
    #[error("not before {until}: {reason}")]
    Later {
        /// When.
        until: Time,
        /// Why.
        reason: Reason,
    },
    /// It may go better in a moment.
    #[error("to be tried again: {reason}")]
    Retry {
        /// Why.
        reason: Reason,
        /// What lies beneath.
        #[source]
        source: Option<Box<dyn std::error::Error + Send + Sync>>,
    },
    /// Trying again soon would not help; the schedule goes on.
    #[error("failed: {reason}")]
    Failed {
        /// Why.
        reason: Reason,
        /// What lies beneath.
        #[source]
        source: Option<Box<dyn std::error::Error + Send + Sync>>,
    },
    /// A person must do something first; the schedule is stopped.
    #[error("stopped: {reason}")]
    Stopped {
        /// Why.
        reason: Reason,
    },
}

impl RunError {
    /// Why.
    #[must_use]
    pub fn reason(&self) -> Reason {
        match self {
            Self::Stale(reason)
            | Self::Later { reason, .. }
            | Self::Retry { reason, .. }
            | Self::Failed { reason, .. }
            | Self::Stopped { reason } => *reason,
        }
    }
}

impl From<sea_orm::DbErr> for RunError {
    fn from(error: sea_orm::DbErr) -> Self {
        Self::Retry {
            reason: Reason::DatabaseUnavailable,
            source: Some(error.into()),
        }
    }
}

impl From<BatchFailed> for RunError {
    fn from(error: BatchFailed) -> Self {
        Self::Retry {
            reason: Reason::DatabaseUnavailable,
            source: Some(error.into()),
        }
    }
}

impl From<VaultError> for RunError {
    fn from(error: VaultError) -> Self {
        let reason = match error {
            VaultError::OtherKey => Reason::SealedUnderOtherKey,
            VaultError::Damaged => Reason::SealedTokenDamaged,
        };
        Self::Failed {
            reason,
            source: Some(error.into()),
        }
    }
}
