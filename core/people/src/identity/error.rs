//! What can go wrong with a sign-in.

use std::time::Duration;
use vitrine_base::validation::FieldError;
use vitrine_entity::Time;
use vitrine_limits::counters::Window;

/// A bound on tries that was reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AttemptLimit {
    /// Tries in a window.
    pub most: u64,
    /// How long the window is.
    pub window: Duration,
    /// When the next one is tried in.
    pub until: Time,
}

impl AttemptLimit {
    /// So many tries in a window.
    pub(super) fn of(window: Window, most: i64) -> Self {
        Self {
            most: most.unsigned_abs(),
            window: window.length(),
            until: window.end(),
        }
    }
}

/// What can go wrong with a registration, a sign-in or a session.
#[derive(Debug, thiserror::Error)]
pub enum IdentityError {
    /// Fields were refused.
    #[error("some fields are not valid")]
    Invalid(Vec<FieldError>),
    /// Somebody registered with this address before.
    #[error("this email address is already registered")]
    EmailTaken,
    /// Strangers may not register here.
    #[error("registration is closed on this server")]
    SignupClosed,
    /// The address is unknown or the password is wrong; the answer does not say which.
    #[error("email address or password is wrong")]
    InvalidCredentials,
    /// Somebody who is signed in gave a wrong password.
    #[error("the current password is wrong")]
    WrongPassword,
    /// Too many tries have failed; this one was not judged.
    #[error("too many failed attempts")]
    TooManyTries(AttemptLimit),
    /// Too many people have registered from this network.
    #[error("too many registrations from one network")]
    TooManyRegistrations(AttemptLimit),
    /// The password is right, and a code is needed besides.
    #[error("a code of the second factor is needed")]
    SecondFactorRequired,
    /// The code is wrong, or was used before.
    #[error("the code is wrong or was used before")]
    InvalidCode,
    /// The second factor is on already.
    #[error("the second factor is already on")]
    SecondFactorOn,
    /// The second factor is off.
    #[error("the second factor is off")]
    SecondFactorOff,
    /// The second factor was sealed under another key.
    #[error("the second factor cannot be read")]
    SecondFactorUnreadable,
    /// No link in an email has this token, or it was replaced by a newer one.
    #[error("the link is not valid")]
    LinkUnknown,
    /// The link was used before.
    #[error("the link was already used")]
    LinkUsed,
    /// The link is too old, or was replaced by a newer one.
    #[error("the link has expired")]
    LinkExpired,
    /// There is no such open sign-in of this person.
    #[error("there is no such session")]
    SessionNotFound,
    /// The token is not one of ours.
    #[error("the token is not valid")]
    InvalidToken,
    /// The token was ours and is too old.
    #[error("the token has expired")]
    ExpiredToken,
    /// The session was ended, or its token was used twice.
    #[error("the session has ended; log in again")]
    SessionRevoked,
    /// The person is gone.
    #[error("the person no longer exists")]
    UserGone,
    /// The tenant is gone.
    #[error("the tenant no longer exists")]
    TenantGone,
    /// More sign-ins at once than the machine can hash.
    #[error("too many logins at once; try again in a moment")]
    Busy,
    /// The database failed.
    #[error("the database failed")]
    Database(#[from] sea_orm::DbErr),
    /// A password could not be hashed or its stored hash not be read.
    #[error("the password could not be checked")]
    Hashing(#[source] argon2::password_hash::Error),
    /// A token could not be signed.
    #[error("the access token could not be signed")]
    Signing(#[source] jsonwebtoken::errors::Error),
}
