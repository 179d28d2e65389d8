//! From an error body to what it means.
//!
//! The code decides, never `type`: on the Instagram host `OAuthException` covers throttles as well as dead
//! tokens. Throttles come first, because they arrive as ordinary 4xx. Where Instagram leaves out the subcode,
//! the wording of the message is the only hint. The meaning of codes is from Meta's Graph API error
//! handling, rate limiting and Instagram error code references.

use std::time::Duration;

use crate::endpoint::Endpoint;
use crate::failure::{FailureKind, Misconfiguration, Refusal, ThrottleScope, TokenDeath};
use crate::refusals::envelope::{Refused, Shape};

/// Code 368 is a block for breaking policy. Meta names no length; it is known to last for hours.
const POLICY_BLOCK: Duration = Duration::from_secs(6 * 3600);

/// Sorts a refusal.
pub(crate) fn classify(
    endpoint: Endpoint,
    status: u16,
    refused: &Refused,
    wait: Option<Duration>,
) -> FailureKind {
    throttle(status, refused, wait)
        .or_else(|| credentials(endpoint, refused))
        .or_else(|| login(endpoint, refused))
        .or_else(|| too_young(endpoint, refused))
        .or_else(|| trouble(refused))
        .or_else(|| by_code(endpoint, refused))
        .or_else(|| {
            refused
                .says(&["session key invalid"])
                .then(|| token_death(refused))
        })
        .unwrap_or_else(|| by_status(status, wait))
}

/// Sorts an answer that has no error body we could read. A client error says it was our request's fault;
/// a redirect, which is never followed, does not.
pub(crate) fn by_status(status: u16, wait: Option<Duration>) -> FailureKind {
    match status {
        429 => FailureKind::Throttled {
            scope: ThrottleScope::Account,
            wait,
        },
        408 => FailureKind::Retry,
        400..500 => FailureKind::OurBug,
        _ => FailureKind::Retry,
    }
}

fn throttle(status: u16, refused: &Refused, wait: Option<Duration>) -> Option<FailureKind> {
    let (scope, wait) = match refused.graph_code() {
        Some(4 | 341) => (ThrottleScope::App, wait),
        Some(17 | 32 | 613 | 80_001..=80_014) => (ThrottleScope::Account, wait),
        Some(368) => (ThrottleScope::Account, wait.or(Some(POLICY_BLOCK))),
        _ if status == 429 || refused.code == Some(429) => (ThrottleScope::Account, wait),
        _ => return None,
    };
    Some(FailureKind::Throttled { scope, wait })
}

/// A wrong app secret, reported by the two calls that send it.
fn credentials(endpoint: Endpoint, refused: &Refused) -> Option<FailureKind> {
    let sends_secret = matches!(endpoint, Endpoint::ExchangeCode | Endpoint::LongLived);
    (sends_secret && refused.says(&["client secret", "client_secret"]))
        .then_some(FailureKind::AppMisconfigured(Misconfiguration::ClientSecret))
}

/// The refusals of the OAuth host. They are told apart by their wording alone: their code is the status.
fn login(endpoint: Endpoint, refused: &Refused) -> Option<FailureKind> {
    if endpoint != Endpoint::ExchangeCode && refused.shape != Shape::Oauth {
        return None;
    }
    if refused.says(&["redirect_uri is identical", "error validating verification code"]) {
        Some(FailureKind::RedirectMismatch)
    } else if refused.says(&["invalid redirect_uri"]) {
        Some(FailureKind::AppMisconfigured(
            Misconfiguration::RedirectNotRegistered,
        ))
    } else if refused.says(&["invalid platform app", "invalid client_id", "invalid client id"]) {
        Some(FailureKind::AppMisconfigured(Misconfiguration::PlatformApp))
    } else if refused.says(&["insufficient developer role"]) {
        Some(FailureKind::RoleMissing)
    } else if refused.says(&["invalid scope"]) {
        Some(FailureKind::InvalidScope)
    } else if refused.says(&[
        "code was not found",
        "already used",
        "code has been used",
        "code has expired",
    ]) {
        Some(FailureKind::CodeSpent)
    } else {
        None
    }
}

/// Meta documents the 24 hours but no error for them, so only the wording can tell.
fn too_young(endpoint: Endpoint, refused: &Refused) -> Option<FailureKind> {
    (endpoint == Endpoint::Refresh && refused.says(&["too new", "too young", "24 hours"]))
        .then_some(FailureKind::TooYoungToRefresh)
}

fn trouble(refused: &Refused) -> Option<FailureKind> {
    match refused.graph_code() {
        Some(1) if refused.says(&["reduce the amount of data"]) => Some(FailureKind::RetrySmaller),
        Some(1 | 2 | -1 | -2) => Some(FailureKind::Retry),
        _ => refused.transient.then_some(FailureKind::Retry),
    }
}

fn by_code(endpoint: Endpoint, refused: &Refused) -> Option<FailureKind> {
    match refused.graph_code()? {
        102 | 190 | 459 | 483 => Some(token_death(refused)),
        3 | 10 | 200..=299 => Some(FailureKind::NotAllowed(Refusal::PermissionMissing)),
        24 => Some(FailureKind::Gone),
        100 => Some(invalid_parameter(endpoint, refused)),
        101 | 104 | 110 | 2500 | 2635 => Some(FailureKind::OurBug),
        _ => None,
    }
}

/// Code 100 is Instagram's word for nearly everything.
fn invalid_parameter(endpoint: Endpoint, refused: &Refused) -> FailureKind {
    if refused.subcode == Some(33) || refused.says(&["does not exist, cannot be loaded"]) {
        FailureKind::Gone
    } else if refused.says(&["appsecret_proof"]) {
        FailureKind::NotAllowed(Refusal::ProofRequired)
    } else if refused.says(&["unsupported request - method type"]) && endpoint != Endpoint::ExchangeCode {
        FailureKind::NotAllowed(Refusal::AppMayNotActOnAccount)
    } else {
        FailureKind::OurBug
    }
}

fn token_death(refused: &Refused) -> FailureKind {
    let death = match refused.subcode.or(refused.graph_code()) {
        Some(458) => TokenDeath::AppRemoved,
        Some(459) => TokenDeath::Checkpoint,
        Some(460) => TokenDeath::PasswordChanged,
        Some(463) => TokenDeath::Expired,
        Some(464) => TokenDeath::Unconfirmed,
        _ => death_by_wording(refused),
    };
    FailureKind::TokenDead(death)
}

fn death_by_wording(refused: &Refused) -> TokenDeath {
    if refused.says(&["session has expired"]) {
        TokenDeath::Expired
    } else if refused.says(&["session has been invalidated"]) {
        TokenDeath::PasswordChanged
    } else if refused.says(&["has not authorized application"]) {
        TokenDeath::AppRemoved
    } else if refused.says(&["cannot parse access token", "malformed"]) {
        TokenDeath::Corrupt
    } else {
        TokenDeath::Other
    }
}
