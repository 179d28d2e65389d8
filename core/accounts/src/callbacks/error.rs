//! Why a callback was not heard.

use super::NotGenuine;

/// Why a callback was not heard.
#[derive(Debug, thiserror::Error)]
pub enum CallbackError {
    /// It is not from Meta, or too old.
    #[error(transparent)]
    NotGenuine(#[from] NotGenuine),
    /// It is from Meta and no JSON.
    #[error("the body is not JSON")]
    Unreadable,
    /// It is from Meta and JSON of another shape.
    #[error("the body is JSON, but not an object of the documented shape")]
    Misshapen,
    /// There is no deletion with this code.
    #[error("there is no deletion with this code")]
    UnknownCode,
    /// The database failed.
    #[error("the database failed")]
    Database(#[from] sea_orm::DbErr),
}
