//! What is told about calls.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::endpoint::Endpoint;

/// One call. `status` is unset while it is not answered, and stays so when the caller left or was cut off.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CallRecord {
    /// Counts up from 1 over all calls.
    pub sequence: u64,
    /// Simulator time of its arrival.
    pub at: DateTime<Utc>,
    /// Username at that time, when the call could be told to be for an account.
    pub account: Option<String>,
    /// A short name for the access token used, never the token.
    pub token: Option<String>,
    /// What was called.
    pub endpoint: Endpoint,
    /// HTTP status of the answer.
    pub status: Option<u16>,
}

/// Which calls to report on; the default is all.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CallFilter {
    /// Calls for this account only.
    pub account: Option<String>,
    /// Calls of this endpoint only.
    pub endpoint: Option<Endpoint>,
    /// At most so many calls in detail (100).
    pub newest: Option<usize>,
}

/// Exact counts and the newest calls.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct CallReport {
    /// Calls that fit the filter, whether or not answered.
    pub total: u64,
    /// Calls by endpoint.
    pub by_endpoint: BTreeMap<Endpoint, u64>,
    /// Answers by endpoint, then by HTTP status.
    pub by_status: BTreeMap<Endpoint, BTreeMap<u16, u64>>,
    /// Calls by username; calls for no known account stand under the empty name.
    pub by_account: BTreeMap<String, u64>,
    /// Calls by short name of the token, of every endpoint that takes one.
    pub by_token: BTreeMap<String, u64>,
    /// The most Graph calls any rolling simulator hour saw, by short name of the token.
    pub busiest_hour_by_token: BTreeMap<String, u64>,
    /// The most calls under way at once, by username: of the calls that renew a token or of all the others,
    /// whichever were more.
    pub most_at_once_by_account: BTreeMap<String, u64>,
    /// The newest calls, newest first.
    pub newest: Vec<CallRecord>,
}
