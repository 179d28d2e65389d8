//! Why something is as it is, in machine words that are stored, logged and shown.

use sea_orm::{ActiveEnum, DeriveActiveEnum, EnumIter};
use std::fmt;
use vitrine_instagram::{FailureKind, Misconfiguration, Refusal, ThrottleScope, TokenDeath};

/// Why a run ended, an account wants a person, or the app cools down. Words are never renamed: databases and clients
/// have them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum Reason {
    /// Another run has what this one worked on.
    LeaseLost,
    /// The account was disconnected meanwhile.
    AccountGone,
    /// Another run took the turn.
    TurnTaken,
    /// The token that was judged is not the account's any more.
    TokenReplaced,
    /// The account needs a new consent first.
    NeedsReconnect,
    /// The owner stopped the account.
    Paused,
    /// Another run works on the account.
    AlreadyRunning,
    /// The call budget is used up.
    BudgetSpent,
    /// The database does not answer.
    DatabaseUnavailable,
    /// Instagram called a token dead, and alive a moment later.
    FalseAlarm,
    /// The token was sealed under a key that this process does not have.
    SealedUnderOtherKey,
    /// The sealed token does not open.
    SealedTokenDamaged,
    /// A list came back empty although posts are stored.
    EmptyListing,
    /// Instagram described another account than the token's.
    OtherAccount,
    /// Instagram did not renew a token that lives.
    RefreshRefused,
    /// Calls stand still, because most accounts are refused.
    AppIncident,
    /// The app's own limit at Instagram is reached.
    ThrottledApp,
    /// The usage headers say that it is, though the call was answered.
    AppLimitClose,
    /// The account's own limit at Instagram is reached.
    ThrottledAccount,
    /// The token cannot be renewed and dies soon.
    TokenRefreshFailing,
    /// The token dies before Instagram is sure to renew it.
    TokenShortLived,
    /// Instagram calls the token expired before its time.
    TokenEndedEarly,
    /// The owner removed the app, as Meta reported.
    AppRemoved,
    /// The person wants everything deleted.
    DeletionRequested,
    /// The token was not refreshed in time.
    TokenExpired,
    /// The owner changed the password.
    TokenPasswordChanged,
    /// The owner removed the app, as a call met.
    TokenAppRemoved,
    /// The owner must pass a check at Instagram.
    TokenCheckpoint,
    /// The owner's Instagram account is not confirmed.
    TokenUnconfirmed,
    /// The token cannot be parsed.
    TokenCorrupt,
    /// The token is dead for no known reason.
    TokenInvalid,
    /// The app may not act on the account.
    AppNotAllowedOnAccount,
    /// A permission is missing.
    PermissionMissing,
    /// The app demands a proof with every call.
    AppsecretProofRequired,
    /// There was trouble on the way or at Instagram.
    TemporarilyUnavailable,
    /// The answer would be too large.
    TooMuchData,
    /// The object does not exist or is hidden.
    Gone,
    /// The authorization code is not good any more.
    CodeSpent,
    /// The redirect address is not that of the login.
    RedirectMismatch,
    /// The client id is no Instagram app's.
    AppUnknown,
    /// The app's secret is wrong.
    AppSecretWrong,
    /// The redirect address is not registered.
    RedirectNotRegistered,
    /// The account is no tester of an app that is not live.
    RoleMissing,
    /// A scope is unknown to the server.
    InvalidScope,
    /// The token is not yet old enough to be renewed.
    TokenTooYoung,
    /// A field was refused.
    FieldRefused,
    /// Instagram refused the request itself.
    RequestRefused,
}

impl Reason {
    /// The reason that a row holds; none where it holds none, or a word that this version does not know. Such a word
    /// stays as it is stored, and no rule depends on it.
    pub(crate) fn of_stored(word: Option<&str>) -> Option<Self> {
        Self::try_from_value(&word?.to_owned()).ok()
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.to_value())
    }
}

impl From<FailureKind> for Reason {
    fn from(kind: FailureKind) -> Self {
        match kind {
            FailureKind::Retry => Self::TemporarilyUnavailable,
            FailureKind::RetrySmaller => Self::TooMuchData,
            FailureKind::Throttled { scope, .. } => scope.into(),
            FailureKind::TokenDead(death) => death.into(),
            FailureKind::NotAllowed(refusal) => refusal.into(),
            FailureKind::Gone => Self::Gone,
            FailureKind::CodeSpent => Self::CodeSpent,
            FailureKind::RedirectMismatch => Self::RedirectMismatch,
            FailureKind::AppMisconfigured(fault) => fault.into(),
            FailureKind::RoleMissing => Self::RoleMissing,
            FailureKind::InvalidScope => Self::InvalidScope,
            FailureKind::TooYoungToRefresh => Self::TokenTooYoung,
            FailureKind::FieldRefused(_) => Self::FieldRefused,
            FailureKind::OurBug => Self::RequestRefused,
        }
    }
}

impl From<ThrottleScope> for Reason {
    fn from(scope: ThrottleScope) -> Self {
        match scope {
            ThrottleScope::Account => Self::ThrottledAccount,
            ThrottleScope::App => Self::ThrottledApp,
        }
    }
}

impl From<TokenDeath> for Reason {
    fn from(death: TokenDeath) -> Self {
        match death {
            TokenDeath::Expired => Self::TokenExpired,
            TokenDeath::PasswordChanged => Self::TokenPasswordChanged,
            TokenDeath::AppRemoved => Self::TokenAppRemoved,
            TokenDeath::Checkpoint => Self::TokenCheckpoint,
            TokenDeath::Unconfirmed => Self::TokenUnconfirmed,
            TokenDeath::Corrupt => Self::TokenCorrupt,
            TokenDeath::Other => Self::TokenInvalid,
        }
    }
}

impl From<Refusal> for Reason {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::AppMayNotActOnAccount => Self::AppNotAllowedOnAccount,
            Refusal::PermissionMissing => Self::PermissionMissing,
            Refusal::ProofRequired => Self::AppsecretProofRequired,
        }
    }
}

impl From<Misconfiguration> for Reason {
    fn from(fault: Misconfiguration) -> Self {
        match fault {
            Misconfiguration::PlatformApp => Self::AppUnknown,
            Misconfiguration::ClientSecret => Self::AppSecretWrong,
            Misconfiguration::RedirectNotRegistered => Self::RedirectNotRegistered,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sea_orm::Iterable;
    use vitrine_instagram::FieldSet;

    #[test]
    fn a_stored_word_is_read_back_and_an_unknown_one_is_no_reason() {
        for reason in Reason::iter() {
            assert_eq!(Reason::of_stored(Some(&reason.to_string())), Some(reason));
        }
        assert_eq!(Reason::of_stored(Some("of_another_version")), None);
        assert_eq!(Reason::of_stored(None), None);
    }

    #[test]
    fn what_instagram_says_keeps_its_word() {
        let throttled = |scope| FailureKind::Throttled { scope, wait: None };
        let deaths = [
            TokenDeath::Expired,
            TokenDeath::PasswordChanged,
            TokenDeath::AppRemoved,
            TokenDeath::Checkpoint,
            TokenDeath::Unconfirmed,
            TokenDeath::Corrupt,
            TokenDeath::Other,
        ];
        let refusals = [
            Refusal::AppMayNotActOnAccount,
            Refusal::PermissionMissing,
            Refusal::ProofRequired,
        ];
        let faults = [
            Misconfiguration::PlatformApp,
            Misconfiguration::ClientSecret,
            Misconfiguration::RedirectNotRegistered,
        ];
        let others = [
            FailureKind::Retry,
            FailureKind::RetrySmaller,
            throttled(ThrottleScope::Account),
            throttled(ThrottleScope::App),
            FailureKind::Gone,
            FailureKind::CodeSpent,
            FailureKind::RedirectMismatch,
            FailureKind::RoleMissing,
            FailureKind::InvalidScope,
            FailureKind::TooYoungToRefresh,
            FailureKind::FieldRefused(FieldSet::default()),
            FailureKind::OurBug,
        ];
        let kinds = others
            .into_iter()
            .chain(deaths.map(FailureKind::TokenDead))
            .chain(refusals.map(FailureKind::NotAllowed))
            .chain(faults.map(FailureKind::AppMisconfigured));
        for kind in kinds {
            assert_eq!(Reason::from(kind).to_string(), kind.code_word());
        }
    }
}
