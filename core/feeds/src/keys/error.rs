//! What can go wrong with a key.

use std::sync::Arc;
use vitrine_base::{paging::PageError, validation::FieldError};
use vitrine_limits::plans::LimitReached;
use vitrine_people::identity::AccessLost;

/// What can go wrong with a key.
#[derive(Clone, Debug, thiserror::Error)]
pub enum KeyError {
    /// Fields were refused.
    #[error("some fields are not valid")]
    Invalid(Vec<FieldError>),
    /// It is no key of ours, or was mistyped: its checksum does not fit.
    #[error("this is not an API key, or it was mistyped")]
    Malformed,
    /// There is no such key.
    #[error("this API key does not exist")]
    Unknown,
    /// The owner ended it.
    #[error("this API key was revoked")]
    Revoked,
    /// It ended by itself.
    #[error("this API key has expired")]
    Expired,
    /// Another key took its place, and the time in which both were good is over.
    #[error("this API key was replaced by another")]
    Rotated,
    /// A key that is revoked or has expired cannot be rotated.
    #[error("the API key has ended")]
    Ended,
    /// Another key has taken its place before.
    #[error("the API key was already rotated")]
    AlreadyRotated,
    /// The plan allows no more of it.
    #[error(transparent)]
    PlanLimit(#[from] LimitReached),
    /// Whoever asked may not do it any more.
    #[error(transparent)]
    AccessLost(#[from] AccessLost),
    /// The tenant has no key of this id.
    #[error("the API key does not exist")]
    NotFound,
    /// The cursor is not one of this list.
    #[error("the cursor is not valid for this list")]
    BadCursor,
    /// The database failed.
    #[error("the database failed")]
    Database(#[source] Arc<sea_orm::DbErr>),
}

impl From<sea_orm::DbErr> for KeyError {
    fn from(error: sea_orm::DbErr) -> Self {
        Self::Database(Arc::new(error))
    }
}

impl From<PageError> for KeyError {
    fn from(error: PageError) -> Self {
        match error {
            PageError::BadCursor => Self::BadCursor,
            PageError::Database(error) => error.into(),
        }
    }
}
