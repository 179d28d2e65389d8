//! Calls that gave no answer.

use crate::{Reason, RunError};
use vitrine_entity::Time;
use vitrine_instagram::Failure;

/// A call that gave no answer.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// There is no budget for it before then.
    #[error("no call before {until}: {reason}")]
    Later {
        /// When.
        until: Time,
        /// Why.
        reason: Reason,
    },
    /// Instagram answered something else.
    #[error(transparent)]
    Failed(#[from] Failure),
    /// The database failed.
    #[error("the database failed")]
    Database(#[from] sea_orm::DbErr),
}

impl From<CallError> for RunError {
    /// For the kinds that need no look at the account; the others are told apart by the run.
    fn from(error: CallError) -> Self {
        match error {
            CallError::Later { until, reason } => Self::Later { until, reason },
            CallError::Database(error) => error.into(),
            CallError::Failed(failure) => {
                let reason = failure.kind.into();
                let source: Option<Box<dyn std::error::Error + Send + Sync>> = Some(failure.into());
                Self::Retry { reason, source }
            }
        }
    }
}
