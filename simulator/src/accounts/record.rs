//! All that is kept about an account, exactly as the state file holds it.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{AccountType, NewAccount};
use crate::media::{MediaEdits, MediaMix, StartingMedia};

/// Why every token of an account given out so far is dead.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Revocation {
    /// The password was changed, or the platform reset the session.
    PasswordChanged,
    /// The person removed the app.
    AppRemoved,
    /// The person must first log in to the platform and confirm something.
    Checkpoint,
}

/// A longer life given to one token that kept its string.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Extension {
    pub(crate) issued_at: i64,
    pub(crate) expires_at: i64,
}

/// All that is kept about an account.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct AccountRecord {
    pub(crate) username: String,
    pub(crate) name: String,
    pub(crate) account_type: AccountType,
    pub(crate) tester: bool,
    pub(crate) impressions: u64,
    pub(crate) has_picture: bool,
    pub(crate) created_at: DateTime<Utc>,
    pub(crate) base_media: u32,
    pub(crate) mix: MediaMix,
    /// Tokens carry the epoch they were issued in; those of an earlier one are dead.
    pub(crate) token_epoch: u32,
    pub(crate) revoked: Option<Revocation>,
    pub(crate) extensions: BTreeMap<String, Extension>,
    pub(crate) edits: MediaEdits,
}

impl AccountRecord {
    pub(crate) fn new(account: NewAccount, created_at: DateTime<Utc>) -> Self {
        let name = account
            .name
            .unwrap_or_else(|| account.username.replace(['.', '_'], " "));
        Self {
            username: account.username,
            name,
            account_type: account.account_type,
            tester: account.tester,
            impressions: account.impressions,
            has_picture: account.has_picture,
            created_at,
            base_media: account.media_count.min(MOST_MEDIA),
            mix: account.mix,
            token_epoch: 0,
            revoked: None,
            extensions: BTreeMap::new(),
            edits: MediaEdits::default(),
        }
    }

    /// What decides the media that it started with.
    pub(crate) fn starting_media(&self) -> StartingMedia {
        StartingMedia {
            count: self.base_media,
            mix: self.mix,
            until: self.created_at.timestamp(),
        }
    }

    /// Kills every token given out so far.
    pub(crate) fn revoke(&mut self, why: Revocation) {
        self.token_epoch += 1;
        self.revoked = Some(why);
        self.extensions.clear();
    }
}

/// Leaves room below the 100,000 serial numbers of an account for posts made later.
const MOST_MEDIA: u32 = 90_000;
