//! Whose token came with a call, and whether it opens anything.

use std::sync::Arc;

use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;

use crate::accounts::{Account, AccountRecord, AccountType, Extension};
use crate::platform::Platform;
use crate::platform::{Claims, fingerprint};
use crate::wire::Dialect;
use crate::wire::Form;
use crate::wire::GraphError;

/// The token of a call, opened but not yet judged.
pub(super) struct Presented {
    pub(super) text: String,
    pub(super) fingerprint: String,
    pub(super) opened: Option<(Claims, Arc<Account>)>,
}

/// A live token.
pub(super) struct Access {
    pub(super) token: String,
    pub(super) claims: Claims,
    pub(super) account: Arc<Account>,
}

impl Presented {
    /// Takes the token from the query, or from a Bearer header.
    pub(super) fn from_call(platform: &Platform, query: &Form, headers: &HeaderMap) -> Option<Self> {
        let bearer = || headers.get(AUTHORIZATION)?.to_str().ok()?.strip_prefix("Bearer ");
        let text = query.get("access_token").or_else(bearer)?;
        Some(Self::of(platform, text.to_owned()))
    }

    fn of(platform: &Platform, text: String) -> Self {
        let opened = platform.mint.open(&text, platform.dialect()).and_then(|claims| {
            let account = platform.accounts.by_number(claims.account)?;
            let claims = extended(claims, &account.record(), &text);
            Some((claims, account))
        });
        Self {
            fingerprint: fingerprint(&text),
            text,
            opened,
        }
    }

    pub(super) fn account(&self) -> Option<&Arc<Account>> {
        self.opened.as_ref().map(|(_, account)| account)
    }

    /// Refuses tokens that are not ours, revoked, expired, or of an account the app may not act on.
    pub(super) fn judged(self, platform: &Platform, method: &str) -> Result<Access, GraphError> {
        let (claims, account) = self.opened.ok_or_else(GraphError::unparsable_token)?;
        {
            let record = account.record();
            if let Some(why) = record.revoked.filter(|_| claims.epoch < record.token_epoch) {
                return Err(GraphError::revoked(why, &platform.settings.client_id));
            }
            if claims.expires_at <= platform.clock.unix_now() {
                return Err(GraphError::expired(claims.expires_at, platform.now()));
            }
            if !may_act(&record, platform.dialect()) {
                return Err(GraphError::unsupported_method(method));
            }
        }
        Ok(Access {
            token: self.text,
            claims,
            account,
        })
    }
}

/// Username of a token that is neither dead nor of an account the app may not act on.
pub(crate) fn holder(platform: &Platform, token: &str) -> Option<String> {
    let access = Presented::of(platform, token.to_owned()).judged(platform, "get");
    Some(access.ok()?.account.username())
}

fn may_act(record: &AccountRecord, dialect: Dialect) -> bool {
    let kind_allowed = dialect == Dialect::BasicDisplay || record.account_type != AccountType::Personal;
    record.tester && kind_allowed
}

/// A token that kept its string through a refresh has its later end in the account's record.
fn extended(mut claims: Claims, record: &AccountRecord, text: &str) -> Claims {
    if record.extensions.is_empty() {
        return claims;
    }
    if let Some(Extension {
        issued_at,
        expires_at,
    }) = record.extensions.get(&fingerprint(text))
    {
        claims.issued_at = *issued_at;
        claims.expires_at = *expires_at;
    }
    claims
}
