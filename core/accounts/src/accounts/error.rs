//! What can go wrong when an owner looks after an account.

use vitrine_base::{paging::PageError, validation::FieldError};
use vitrine_limits::plans::LimitReached;

/// What can go wrong when an owner looks after an account.
#[derive(Debug, thiserror::Error)]
pub enum AccountError {
    /// The tenant has no such account.
    #[error("the account does not exist")]
    NotFound,
    /// Fields were refused.
    #[error("some fields are not valid")]
    Invalid(Vec<FieldError>),
    /// The plan allows no more of it.
    #[error(transparent)]
    PlanLimit(#[from] LimitReached),
    /// The cursor is not one of this list.
    #[error("the cursor is not valid for this list")]
    BadCursor,
    /// Its token is dead.
    #[error("the account must be connected again first")]
    NeedsReconnect,
    /// Its owner stopped it.
    #[error("the account is paused")]
    Paused,
    /// An operator paused the schedule, for this tenant or for everybody.
    #[error("the schedule is paused")]
    SchedulePaused,
    /// The database failed.
    #[error("the database failed")]
    Database(#[from] sea_orm::DbErr),
}

impl From<PageError> for AccountError {
    fn from(error: PageError) -> Self {
        match error {
            PageError::BadCursor => Self::BadCursor,
            PageError::Database(error) => Self::Database(error),
        }
    }
}
