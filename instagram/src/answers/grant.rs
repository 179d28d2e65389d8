//! Answers of the token endpoints.

use std::time::Duration;

use serde_json::Value;

use crate::answers::json::{self, Unreadable};
use crate::secret::AccessToken;
use crate::usage::Usage;

/// A hundred years. Longer lifetimes can only be a mistake and would overflow a caller's calendar.
const LONGEST_LIFE: u64 = 100 * 365 * 24 * 3600;

/// What a code was exchanged for. The token lives one hour; the answer does not say so.
#[derive(Clone, Debug)]
pub struct ShortLivedGrant {
    /// A token that is good for one hour, to be turned into a long-lived one at once.
    pub token: AccessToken,
    /// An id of the account: the app-scoped or the professional one, servers differ.
    pub user_id: String,
    /// The permissions the owner granted, who may untick some. `None` when the server does not say, as in
    /// Basic Display.
    pub permissions: Option<Vec<String>>,
    /// Budget use that the answer reports.
    pub usage: Usage,
}

/// A token that lives about 60 days.
#[derive(Clone, Debug)]
pub struct LongLivedToken {
    /// The token. After a refresh it may or may not be the same text as before.
    pub token: AccessToken,
    /// Its remaining life, counted from the answer; none when the answer names none that can be read. The token is
    /// good all the same, and the old one may be no more.
    pub expires_in: Option<Duration>,
}

impl ShortLivedGrant {
    /// Reads `{…}` and `{"data":[{…}]}` with every mix of field types seen.
    pub(crate) fn read(answer: &Value) -> Result<Self, Unreadable> {
        let grant = json::unwrapped(answer);
        Ok(Self {
            token: json::required_text(grant, "access_token")?.into(),
            user_id: json::required_text(grant, "user_id")?,
            permissions: permissions(grant.get("permissions")),
            usage: Usage::default(),
        })
    }
}

impl LongLivedToken {
    pub(crate) fn read(answer: &Value) -> Result<Self, Unreadable> {
        let granted = json::unwrapped(answer);
        let token = json::required_text(granted, "access_token")?;
        Ok(Self {
            token: token.into(),
            expires_in: granted.get("expires_in").and_then(lifetime),
        })
    }
}

/// Seconds, whole or not, quoted or not.
fn lifetime(value: &Value) -> Option<Duration> {
    let number = value.as_f64().or_else(|| value.as_str()?.trim().parse().ok());
    // Casts of floats saturate, so that what lies below zero is no life at all.
    let seconds = number.filter(|seconds| !seconds.is_nan())? as u64;
    Some(Duration::from_secs(seconds.min(LONGEST_LIFE)))
}

fn permissions(value: Option<&Value>) -> Option<Vec<String>> {
    let names: Vec<&str> = match value? {
        Value::Array(names) => names.iter().filter_map(Value::as_str).collect(),
        Value::String(names) => names.split([',', ' ']).collect(),
        _ => return None,
    };
    Some(
        names
            .into_iter()
            .map(str::trim)
            .filter(|name| !name.is_empty())
            .map(str::to_owned)
            .collect(),
    )
}
