//! Changing an account.

use serde::{Deserialize, Serialize};

use super::{AccountRecord, AccountType};

/// What to change about an account; what is unset stays.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AccountEdit {
    /// A new username; ids stay.
    pub username: Option<String>,
    /// A new display name.
    pub name: Option<String>,
    /// Another kind of account.
    pub account_type: Option<AccountType>,
    /// Gives or takes the Instagram Tester role.
    pub tester: Option<bool>,
    /// Times its content was seen in 24 hours.
    pub impressions: Option<u64>,
    /// Whether it has a profile picture.
    pub has_picture: Option<bool>,
}

impl AccountEdit {
    /// Applies everything but the username, which the directory has to agree to.
    pub(super) fn apply(&self, record: &mut AccountRecord) {
        if let Some(name) = &self.name {
            record.name.clone_from(name);
        }
        record.account_type = self.account_type.unwrap_or(record.account_type);
        record.tester = self.tester.unwrap_or(record.tester);
        record.impressions = self.impressions.unwrap_or(record.impressions);
        record.has_picture = self.has_picture.unwrap_or(record.has_picture);
    }
}
