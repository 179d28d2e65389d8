//! Why a feed could not be given.

use std::{error::Error, sync::Arc};
use vitrine_base::{paging::PageError, validation::FieldError};
use vitrine_limits::plans::LimitReached;

/// Why a feed could not be given.
#[derive(Clone, Debug, thiserror::Error)]
pub enum FeedError {
    /// The tenant has no such feed.
    #[error("the feed does not exist")]
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
    /// The database is away, and no copy is at hand.
    #[error("the feed cannot be read at the moment")]
    Unavailable(#[source] Arc<sea_orm::DbErr>),
    /// The feed could not be written or packed.
    #[error("the feed could not be written")]
    Unwritable(#[source] Arc<dyn Error + Send + Sync>),
}

impl From<sea_orm::DbErr> for FeedError {
    fn from(error: sea_orm::DbErr) -> Self {
        Self::Unavailable(Arc::new(error))
    }
}

impl FeedError {
    /// A writer failed.
    pub(super) fn unwritable(cause: impl Error + Send + Sync + 'static) -> Self {
        Self::Unwritable(Arc::new(cause))
    }
}

impl From<PageError> for FeedError {
    fn from(error: PageError) -> Self {
        match error {
            PageError::BadCursor => Self::BadCursor,
            PageError::Database(error) => error.into(),
        }
    }
}
