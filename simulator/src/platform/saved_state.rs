//! What must survive a restart.

use std::collections::HashMap;

use chrono::Duration;
use serde::{Deserialize, Serialize};

use super::codes::Code;
use crate::accounts::AccountRecord;

/// The content of the state file. Keys and secrets follow from the seed, media from seed and accounts.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct SavedState {
    pub(crate) seed: u64,
    offset_micros: i64,
    pub(crate) accounts: Vec<AccountRecord>,
    pub(crate) codes: HashMap<String, Code>,
    /// Nothing in files of before there was such a list.
    #[serde(default)]
    pub(crate) redirect_uris: Option<Vec<String>>,
}

impl SavedState {
    pub(crate) fn new(
        seed: u64,
        offset: Duration,
        accounts: Vec<AccountRecord>,
        codes: HashMap<String, Code>,
        redirect_uris: Vec<String>,
    ) -> Self {
        Self {
            seed,
            offset_micros: offset.num_microseconds().unwrap_or_default(),
            accounts,
            codes,
            redirect_uris: Some(redirect_uris),
        }
    }

    pub(crate) fn empty(seed: u64) -> Self {
        Self {
            redirect_uris: None,
            ..Self::new(seed, Duration::zero(), Vec::new(), HashMap::new(), Vec::new())
        }
    }

    pub(crate) fn offset(&self) -> Duration {
        Duration::microseconds(self.offset_micros)
    }
}
