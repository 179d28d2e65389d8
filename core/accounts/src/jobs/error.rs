//! What can go wrong when somebody asks for a job.

use super::QueueUnavailable;
use vitrine_base::paging::PageError;

/// What can go wrong when somebody asks for a job.
#[derive(Debug, thiserror::Error)]
pub enum JobError {
    /// The tenant has no such job.
    #[error("the job does not exist")]
    NotFound,
    /// Only dead jobs can be tried again.
    #[error("only a dead job can be retried")]
    NotDead,
    /// Another job of the same kind waits for this account already.
    #[error("another job of this kind is waiting for this account")]
    AlreadyWaiting,
    /// An operator paused the schedule, for this tenant or for everybody.
    #[error("the schedule is paused")]
    SchedulePaused,
    /// The cursor is not one of this list.
    #[error("the cursor is not valid for this list")]
    BadCursor,
    /// The database failed.
    #[error("the database failed")]
    Database(#[from] sea_orm::DbErr),
    /// The queue failed.
    #[error(transparent)]
    Queue(#[from] QueueUnavailable),
}

impl From<PageError> for JobError {
    fn from(error: PageError) -> Self {
        match error {
            PageError::BadCursor => Self::BadCursor,
            PageError::Database(error) => Self::Database(error),
        }
    }
}
