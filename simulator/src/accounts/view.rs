//! An account as control calls show it.

use serde::Serialize;

use super::{AccountType, Revocation};

/// An account as it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AccountView {
    /// Current username.
    pub username: String,
    /// Display name.
    pub name: String,
    /// Kind of account.
    pub account_type: AccountType,
    /// Whether it holds the tester role.
    pub tester: bool,
    /// `/me.user_id`: the professional id, also `entry.id` of webhooks.
    pub user_id: String,
    /// `/me.id`: the app-scoped id, also `user_id` of signed requests.
    pub id: String,
    /// The scoped id the code exchange gives by default.
    pub exchange_id: String,
    /// What `/me.media_count` says: unshared reels included.
    pub media_count: usize,
    /// Times its content was seen in 24 hours.
    pub impressions: u64,
    /// Why earlier tokens are dead, if they are.
    pub revoked: Option<Revocation>,
}
