//! Short for long, and long for longer.

use super::access::Access;
use crate::accounts::Extension;
use crate::platform::Platform;
use crate::platform::{LONG_LIFE, TokenKind, fingerprint};
use crate::wire::Form;
use crate::wire::GraphError;
use crate::wire::JsonText;
use crate::wire::{EarlyRefresh, RefreshedToken};

/// A token must be this old before it can be refreshed.
const REFRESHABLE_AFTER: i64 = 86_400;

/// `GET /access_token`.
pub(super) fn long_lived(platform: &Platform, query: &Form, access: &Access) -> Result<String, GraphError> {
    if query.get("grant_type") != Some("ig_exchange_token") {
        return Err(GraphError::api(
            100,
            "Invalid parameter: grant_type must be ig_exchange_token",
        ));
    }
    if query.get("client_secret") != Some(platform.settings.client_secret.as_str()) {
        return Err(GraphError::oauth(101, "Error validating client secret."));
    }
    if access.claims.kind != TokenKind::Short {
        return Err(GraphError::oauth(
            102,
            "Session key invalid. Only short-lived tokens can be exchanged.",
        ));
    }
    let (token, life) = platform.issue_token(&access.account, TokenKind::Long, access.claims.scopes);
    Ok(answer(platform, &token, life))
}

/// `GET /refresh_access_token`.
pub(super) fn refresh(platform: &Platform, query: &Form, access: &Access) -> Result<String, GraphError> {
    if query.get("grant_type") != Some("ig_refresh_token") {
        return Err(GraphError::api(
            100,
            "Invalid parameter: grant_type must be ig_refresh_token",
        ));
    }
    let claims = &access.claims;
    if claims.kind != TokenKind::Long {
        return Err(GraphError::api(100, "Only long-lived tokens can be refreshed"));
    }
    let now = platform.clock.unix_now();
    if now - claims.issued_at < REFRESHABLE_AFTER {
        return match platform.modes().early_refresh {
            EarlyRefresh::Refuse => Err(GraphError::api(100, "Token is too new to refresh")),
            EarlyRefresh::Unchanged => Ok(answer(platform, &access.token, claims.expires_at - now)),
        };
    }
    match platform.modes().refresh {
        RefreshedToken::New => {
            let (token, life) = platform.issue_token(&access.account, TokenKind::Long, claims.scopes);
            Ok(answer(platform, &token, life))
        }
        RefreshedToken::Same => {
            extend(platform, access, now);
            Ok(answer(platform, &access.token, LONG_LIFE))
        }
    }
}

fn extend(platform: &Platform, access: &Access, now: i64) {
    let extension = Extension {
        issued_at: now,
        expires_at: now + LONG_LIFE,
    };
    access
        .account
        .edit(|record| record.extensions.insert(fingerprint(&access.token), extension));
    platform.changes.mark();
}

fn answer(platform: &Platform, token: &str, expires_in: i64) -> String {
    let mut json = JsonText::new(platform.modes().escape_json, 320);
    json.object(|json| {
        json.key("access_token").string(token);
        json.key("token_type").string("bearer");
        json.key("expires_in").number(expires_in);
    });
    json.finish()
}
