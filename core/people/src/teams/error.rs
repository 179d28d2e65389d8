//! What can go wrong between members.

use crate::identity::{AccessLost, IdentityError};
use vitrine_base::{paging::PageError, validation::FieldError};
use vitrine_limits::plans::LimitReached;

/// What can go wrong between members.
#[derive(Debug, thiserror::Error)]
pub enum TeamError {
    /// Fields were refused.
    #[error("some fields are not valid")]
    Invalid(Vec<FieldError>),
    /// The tenant has no such member or invitation.
    #[error("there is no such member or invitation")]
    NotFound,
    /// The cursor is not one of this list.
    #[error("the cursor is not valid for this list")]
    BadCursor,
    /// Whoever asks may not do this to that member.
    #[error("Only owners can add, change or remove owners. Only admins can change other members.")]
    RoleTooLow,
    /// Whoever invites has not proved their own address yet.
    #[error("the inviter's email address is not confirmed")]
    EmailUnconfirmed,
    /// The tenant would be without an owner.
    #[error("the only owner must stay an owner")]
    LastOwner,
    /// The address belongs to a member.
    #[error("the person is already a member")]
    AlreadyMember,
    /// An invitation for the address is open.
    #[error("the email address is already invited")]
    AlreadyInvited,
    /// The invitation was accepted, withdrawn or never sent, or has expired.
    #[error("the invitation is not valid")]
    InvitationInvalid,
    /// Whoever is signed in has another address.
    #[error("the invitation is for somebody else")]
    InvitationOfAnother,
    /// The address belongs to a person who has to prove to be it.
    #[error("This email address has an account: log in, or send its password.")]
    SignInFirst,
    /// Whoever asked may not do it any more.
    #[error(transparent)]
    AccessLost(#[from] AccessLost),
    /// The plan allows no more of it.
    #[error(transparent)]
    PlanLimit(#[from] LimitReached),
    /// A person could not be made or recognised.
    #[error(transparent)]
    Identity(#[from] IdentityError),
    /// The database failed.
    #[error("the database failed")]
    Database(#[from] sea_orm::DbErr),
}

impl TeamError {
    /// One field is refused.
    pub(super) fn refused(field: &str, code: &'static str, message: &str) -> Self {
        Self::Invalid(vec![FieldError {
            field: field.to_owned(),
            code,
            message: message.to_owned(),
        }])
    }
}

impl From<PageError> for TeamError {
    fn from(error: PageError) -> Self {
        match error {
            PageError::BadCursor => Self::BadCursor,
            PageError::Database(error) => Self::Database(error),
        }
    }
}
