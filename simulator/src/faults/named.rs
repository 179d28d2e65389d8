//! Refusals that can be ordered by name, as recorded from the live platform.

use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::accounts::Revocation;
use crate::wire::GraphError;

/// A refusal known from the field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NamedError {
    /// Code 190, with the date at which the token ended.
    SessionExpired,
    /// Code 190: the password was changed.
    SessionInvalidated,
    /// Code 190: the person removed the app.
    AppRemoved,
    /// Code 190: the person must log in and confirm something first.
    Checkpoint,
    /// Code 190: the token is garbage.
    UnparsableToken,
    /// Code 102.
    SessionKeyInvalid,
    /// Code 100 that is not about the method: the app may not act on this account.
    UnsupportedRequest,
    /// Code 100, subcode 33.
    ObjectMissing,
    /// Code 100: the app demands a proof.
    ProofRequired,
    /// Code 100, subcode 2108006.
    BeforeConversion,
    /// Code 10, status 403.
    NoPermission,
    /// Code 1: unknown, possibly transient.
    UnknownError,
    /// Code 2, status 500, transient.
    Unexpected,
    /// Code 4, status 403: the whole app is throttled.
    AppLimit,
    /// Code 4, subcode 2207051: the action is blocked.
    ActionBlocked,
    /// Code 17: the user is throttled.
    UserLimit,
    /// Code 80002: the account is throttled.
    AccountLimit,
    /// Code 613: a custom rate limit.
    CustomLimit,
    /// Code 368: temporarily blocked for policy violations.
    PolicyBlock,
    /// Code 2500: unknown path.
    UnknownPath,
}

impl NamedError {
    /// The refusal as it is told now to the app with this id.
    pub(crate) fn error(self, now: DateTime<Utc>, client_id: &str) -> GraphError {
        match self {
            Self::SessionExpired => GraphError::expired(now.timestamp() - 6_720, now),
            Self::SessionInvalidated => GraphError::revoked(Revocation::PasswordChanged, client_id),
            Self::AppRemoved => GraphError::revoked(Revocation::AppRemoved, client_id),
            Self::Checkpoint => GraphError::revoked(Revocation::Checkpoint, client_id),
            Self::UnparsableToken => GraphError::unparsable_token(),
            Self::SessionKeyInvalid => GraphError::oauth(102, "Session key invalid or no longer valid"),
            Self::UnsupportedRequest => GraphError::unsupported_method("get"),
            Self::ObjectMissing => GraphError::no_such_object("get", "18000000000000000"),
            Self::ProofRequired => GraphError::oauth(
                100,
                "API calls from the server require an appsecret_proof argument",
            ),
            Self::BeforeConversion => GraphError::oauth(100, "Invalid parameter")
                .with_subcode(2_108_006)
                .with_title("Media posted before business account conversion"),
            Self::NoPermission => GraphError::no_permission(),
            Self::UnknownError => GraphError::oauth(1, "An unknown error occurred"),
            Self::Unexpected => GraphError::new(
                StatusCode::INTERNAL_SERVER_ERROR,
                "OAuthException",
                2,
                "An unexpected error has occurred. Please retry your request later.",
            )
            .with_transient(true),
            Self::AppLimit => throttle(4),
            Self::ActionBlocked => GraphError::new(
                StatusCode::FORBIDDEN,
                "OAuthException",
                4,
                "Application request limit reached",
            )
            .with_subcode(2_207_051)
            .with_transient(false)
            .with_title("action is blocked"),
            Self::UserLimit => throttle(17),
            Self::AccountLimit => throttle(80_002),
            Self::CustomLimit => throttle(613),
            Self::PolicyBlock => GraphError::oauth(
                368,
                "The action attempted has been deemed abusive or is otherwise disallowed",
            ),
            Self::UnknownPath => GraphError::unknown_path("unknown"),
        }
    }
}

/// The refusal of a throttled call, by its code.
pub(crate) fn throttle(code: i64) -> GraphError {
    let (status, message) = match code {
        4 => (StatusCode::FORBIDDEN, "(#4) Application request limit reached"),
        17 => (StatusCode::FORBIDDEN, "(#17) User request limit reached"),
        32 => (StatusCode::FORBIDDEN, "(#32) Page request limit reached"),
        341 => (StatusCode::BAD_REQUEST, "(#341) Application limit reached"),
        613 => (
            StatusCode::BAD_REQUEST,
            "(#613) Calls to this api have exceeded the rate limit.",
        ),
        _ => (
            StatusCode::BAD_REQUEST,
            "There have been too many calls to this Instagram account. Wait a bit and try again.",
        ),
    };
    let error = GraphError::new(status, "OAuthException", code, message);
    if code == 4 {
        error.with_transient(true)
    } else {
        error
    }
}
