//! Answers of the token endpoints.

use std::time::Duration;

use serde_json::Value;

use crate::json::{self, Unreadable};
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
    /// The permissions the owner granted, who may untick some. `None` when the server does not tell, as in
    /// Basic Display.
    pub permissions: Option<Vec<String>>,
    /// Budget use told by the answer.
    pub usage: Usage,
}

/// A token that lives about 60 days.
#[derive(Clone, Debug)]
pub struct LongLivedToken {
    /// The token. After a refresh it may or may not be the same text as before.
    pub token: AccessToken,
    /// Its remaining life, counted from the answer. Never assume the 60 days.
    pub expires_in: Duration,
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
        let seconds = json::integer(granted, "expires_in").ok_or(Unreadable::Missing("expires_in"))?;
        let seconds = u64::try_from(seconds).unwrap_or(0).min(LONGEST_LIFE);
        Ok(Self {
            token: token.into(),
            expires_in: Duration::from_secs(seconds),
        })
    }
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
