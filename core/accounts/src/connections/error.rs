//! Why an account was not connected.

use crate::{AccountError, CallError};
use vitrine_base::{security::VaultError, validation::FieldError};
use vitrine_entity::Time;
use vitrine_instagram::{Failure, FailureKind};
use vitrine_limits::plans::LimitReached;
use vitrine_people::identity::AccessLost;

/// Why an account was not connected.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// Fields were refused.
    #[error("some fields are not valid")]
    Invalid(Vec<FieldError>),
    /// The state is not one of ours, or another tenant's.
    #[error("this connection was not started here")]
    StateUnknown,
    /// The state is too old.
    #[error("the connection took too long; start again")]
    StateExpired,
    /// The state was used, and nothing came of it.
    #[error("this connection has already ended; start again")]
    StateUsed,
    /// The owner said no.
    #[error("the account's owner did not allow the connection")]
    Denied,
    /// Instagram refused the app or what it asked for, in its own words.
    #[error("Instagram did not allow the connection, and said: “{0}”")]
    Refused(String),
    /// The callback was opened with neither a code nor an error; the state is as good as it was.
    #[error("Instagram sent neither a code nor an error")]
    NothingCame,
    /// Somebody else logged in than the account that should be reconnected.
    #[error("Expected @{expected}, but @{got} logged in.")]
    OtherAccount {
        /// Who should have.
        expected: String,
        /// Who did.
        got: String,
    },
    /// Only professional accounts have a feed to read.
    #[error("a personal account cannot be connected; switch it to a professional one")]
    PersonalAccount {
        /// Whose it is.
        username: Option<String>,
    },
    /// A needed permission was unticked.
    #[error("The permission {0} was not granted.")]
    PermissionMissing(String),
    /// The code was used or has expired.
    #[error("the code was used before or has expired; start again")]
    CodeSpent,
    /// The redirect address of the exchange is not that of the login.
    #[error("the redirect address is not the one that the login was started with")]
    RedirectMismatch,
    /// The account has no role on an app that is not live.
    #[error("the account is not an Instagram Tester of this app")]
    RoleMissing {
        /// Which account, where one was to be connected again.
        username: Option<String>,
    },
    /// The server's own app settings are wrong.
    #[error("the server's Instagram app is not set up correctly")]
    AppMisconfigured,
    /// The token is dead or was never alive.
    #[error("Instagram does not accept this token")]
    TokenRejected,
    /// It is a token of Facebook Login.
    #[error("this is a token of Facebook Login; one of Instagram Login is needed")]
    FacebookToken,
    /// Instagram lets the app not act on this account.
    #[error("Instagram does not let this app read the account")]
    NotAllowed {
        /// Which account, where one was to be connected again.
        username: Option<String>,
    },
    /// Instagram does not answer.
    #[error("Instagram does not answer; try again in a moment")]
    InstagramUnavailable(#[source] Option<Failure>),
    /// The call budget is spent.
    #[error("too many calls to Instagram; try again later")]
    Throttled {
        /// When there is budget again.
        until: Option<Time>,
    },
    /// The plan allows no more of it.
    #[error(transparent)]
    PlanLimit(#[from] LimitReached),
    /// Whoever asked may not do it any more.
    #[error(transparent)]
    AccessLost(#[from] AccessLost),
    /// The tenant has no such account.
    #[error("the account does not exist")]
    NotFound,
    /// The database failed.
    #[error("the database failed")]
    Database(#[from] sea_orm::DbErr),
    /// The token could not be sealed.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// The connected account could not be read.
    #[error(transparent)]
    Account(#[from] AccountError),
}

impl ConnectError {
    /// A stable machine word, as in `?connect_error=`.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Invalid(_) => "validation_failed",
            Self::StateUnknown => "state_unknown",
            Self::StateExpired => "state_expired",
            Self::StateUsed => "state_used",
            Self::Denied => "access_denied",
            Self::Refused(_) => "instagram_refused",
            Self::NothingCame => "code_missing",
            Self::OtherAccount { .. } => "other_account",
            Self::PersonalAccount { .. } => "personal_account",
            Self::PermissionMissing(_) => "permission_missing",
            Self::CodeSpent => "code_spent",
            Self::RedirectMismatch => "redirect_mismatch",
            Self::RoleMissing { .. } => "role_missing",
            Self::AppMisconfigured => "app_misconfigured",
            Self::TokenRejected => "token_rejected",
            Self::FacebookToken => "facebook_token",
            Self::NotAllowed { .. } => "account_not_allowed",
            Self::InstagramUnavailable(_) => "instagram_unavailable",
            Self::Throttled { .. } => "throttled",
            Self::PlanLimit(_) => "plan_limit_reached",
            Self::AccessLost(AccessLost::SignedOut) => "session_revoked",
            Self::AccessLost(AccessLost::RoleLowered) => "insufficient_role",
            Self::NotFound => "account_not_found",
            Self::Database(_) | Self::Vault(_) | Self::Account(_) => "internal_error",
        }
    }
}

impl ConnectError {
    /// Name of the account that the error is about, as far as it is known.
    #[must_use]
    pub fn account(&self) -> Option<&str> {
        match self {
            Self::PersonalAccount { username }
            | Self::RoleMissing { username }
            | Self::NotAllowed { username } => username.as_deref(),
            _ => None,
        }
    }

    /// The same error about this account, where it is about one.
    pub(super) fn of(mut self, name: Option<String>) -> Self {
        if let Self::PersonalAccount { username }
        | Self::RoleMissing { username }
        | Self::NotAllowed { username } = &mut self
        {
            *username = name;
        }
        self
    }
}

impl From<CallError> for ConnectError {
    fn from(error: CallError) -> Self {
        match error {
            CallError::Later { until, .. } => Self::Throttled { until: Some(until) },
            CallError::Database(error) => error.into(),
            CallError::Failed(failure) => failure.into(),
        }
    }
}

impl From<Failure> for ConnectError {
    fn from(failure: Failure) -> Self {
        match failure.kind {
            FailureKind::Retry
            | FailureKind::RetrySmaller
            | FailureKind::FieldRefused(_)
            | FailureKind::OurBug
            | FailureKind::Gone => Self::InstagramUnavailable(Some(failure)),
            FailureKind::Throttled { .. } => Self::Throttled { until: None },
            FailureKind::TokenDead(_) | FailureKind::TooYoungToRefresh => Self::TokenRejected,
            FailureKind::NotAllowed(_) => Self::NotAllowed { username: None },
            FailureKind::CodeSpent => Self::CodeSpent,
            FailureKind::RedirectMismatch => Self::RedirectMismatch,
            FailureKind::AppMisconfigured(_) | FailureKind::InvalidScope => Self::AppMisconfigured,
            FailureKind::RoleMissing => Self::RoleMissing { username: None },
        }
    }
}
