//! What can go wrong, sorted by what to do about it.

use std::fmt;
use std::time::Duration;

use crate::fields::FieldSet;

/// What happened. Every kind asks for another reaction; [`code_word`](Self::code_word) names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FailureKind {
    /// Trouble on the way or at Instagram: no connection, a limit of ours passed, a 5xx, codes 1, 2, -1, -2,
    /// an answer that is HTML, cut off or not understood. Says nothing about the account; try later.
    ///
    /// A code exchange that ended so may have spent its code: begin a new login instead.
    Retry,
    /// The answer would be too large: ask again with a smaller `limit`.
    RetrySmaller,
    /// A call budget is used up. Calls made meanwhile fail and prolong the block.
    Throttled {
        /// Whose budget.
        scope: ThrottleScope,
        /// How long to wait, when Instagram said so or the block is known to be long. At most 7 days.
        wait: Option<Duration>,
    },
    /// The token was called dead (codes 190 and 102). Confirm with
    /// [`Client::confirm_alive`](crate::Client::confirm_alive) a few seconds later before acting on it:
    /// single false alarms happen.
    TokenDead(TokenDeath),
    /// The app or the account lacks a right. Met on one account it is the account's matter; met on many at
    /// once it is the app's, and no account should be changed for it.
    NotAllowed(Refusal),
    /// The object does not exist or is hidden (code 100 with subcode 33, code 24). The same answer has been
    /// seen for objects that do exist, so confirm it some time later.
    Gone,
    /// The authorization code is unknown, expired or already exchanged.
    CodeSpent,
    /// The redirect URI of the exchange is not the one of the login. Also given for a wrong app secret or an
    /// encoding the server does not take.
    RedirectMismatch,
    /// The app's credentials or its dashboard settings are wrong; no account can connect until it is mended.
    AppMisconfigured(Misconfiguration),
    /// The account is no accepted Instagram Tester of an app that is not live.
    RoleMissing,
    /// A scope is unknown to the server.
    InvalidScope,
    /// The token is not yet 24 hours old. It stays as good as it was.
    TooYoungToRefresh,
    /// The server refuses a field that we can do without. Ask again at once,
    /// [`without`](crate::Client::without) these; it is another call.
    FieldRefused(FieldSet),
    /// Instagram refused the request itself. Repeating it unchanged is useless.
    OurBug,
}

/// Whose budget is used up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ThrottleScope {
    /// This account's alone.
    Account,
    /// The app's: every account is affected.
    App,
}

/// Why a token is dead. Instagram often says so only in prose, or not at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TokenDeath {
    /// It was not refreshed in time.
    Expired,
    /// The owner changed the password, or Instagram reset the session for security.
    PasswordChanged,
    /// The owner removed the app.
    AppRemoved,
    /// The owner must first log in to Instagram and pass a check.
    Checkpoint,
    /// The owner's Instagram account is not confirmed.
    Unconfirmed,
    /// It cannot be parsed: damaged, or meant for another host.
    Corrupt,
    /// No known reason was given.
    Other,
}

/// Which right is lacking.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Refusal {
    /// "Unsupported request": the app may not act on this account. No tester role, no Advanced Access, the
    /// wrong kind of account, or a block on the whole app.
    AppMayNotActOnAccount,
    /// A permission was not granted or was taken back.
    PermissionMissing,
    /// The app demands an `appsecret_proof` with every call; switch off "Require App Secret".
    ProofRequired,
}

/// Which setting of the app is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Misconfiguration {
    /// The client id is not an Instagram App ID; often it is the Meta App ID.
    PlatformApp,
    /// The app secret does not belong to the client id.
    ClientSecret,
    /// The redirect URI is not registered with the app.
    RedirectNotRegistered,
}

impl FailureKind {
    /// Whether the same call may well succeed later with nothing mended meanwhile. True for trouble and for
    /// throttling.
    pub fn is_transient(self) -> bool {
        matches!(self, Self::Retry | Self::RetrySmaller | Self::Throttled { .. })
    }

    /// The kind as one stable machine word for logs, metrics and API answers. Words are never renamed.
    pub fn code_word(self) -> &'static str {
        match self {
            Self::Retry => "temporarily_unavailable",
            Self::RetrySmaller => "too_much_data",
            Self::Throttled {
                scope: ThrottleScope::Account,
                ..
            } => "throttled_account",
            Self::Throttled {
                scope: ThrottleScope::App,
                ..
            } => "throttled_app",
            Self::TokenDead(death) => death.code_word(),
            Self::NotAllowed(refusal) => refusal.code_word(),
            Self::Gone => "gone",
            Self::CodeSpent => "code_spent",
            Self::RedirectMismatch => "redirect_mismatch",
            Self::AppMisconfigured(fault) => fault.code_word(),
            Self::RoleMissing => "role_missing",
            Self::InvalidScope => "invalid_scope",
            Self::TooYoungToRefresh => "token_too_young",
            Self::FieldRefused(_) => "field_refused",
            Self::OurBug => "request_refused",
        }
    }
}

impl TokenDeath {
    /// The reason as one stable machine word.
    pub fn code_word(self) -> &'static str {
        match self {
            Self::Expired => "token_expired",
            Self::PasswordChanged => "token_password_changed",
            Self::AppRemoved => "token_app_removed",
            Self::Checkpoint => "token_checkpoint",
            Self::Unconfirmed => "token_unconfirmed",
            Self::Corrupt => "token_corrupt",
            Self::Other => "token_invalid",
        }
    }
}

impl Refusal {
    /// The lacking right as one stable machine word.
    pub fn code_word(self) -> &'static str {
        match self {
            Self::AppMayNotActOnAccount => "app_not_allowed_on_account",
            Self::PermissionMissing => "permission_missing",
            Self::ProofRequired => "appsecret_proof_required",
        }
    }
}

impl Misconfiguration {
    /// The wrong setting as one stable machine word.
    pub fn code_word(self) -> &'static str {
        match self {
            Self::PlatformApp => "app_unknown",
            Self::ClientSecret => "app_secret_wrong",
            Self::RedirectNotRegistered => "redirect_not_registered",
        }
    }
}

impl fmt::Display for FailureKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.code_word())
    }
}
