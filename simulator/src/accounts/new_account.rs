//! What an account is made from.

use serde::{Deserialize, Serialize};

use crate::media::MediaMix;

/// The three kinds of account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum AccountType {
    /// A professional account of a business.
    Business,
    /// A professional account of a creator.
    MediaCreator,
    /// Not professional: refused by the live dialect.
    Personal,
}

impl AccountType {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Business => "BUSINESS",
            Self::MediaCreator => "MEDIA_CREATOR",
            Self::Personal => "PERSONAL",
        }
    }
}

/// An account to add. Everything but the username has a default.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewAccount {
    /// Unique; letters, digits, dots and underscores.
    pub username: String,
    /// Display name; the username in words when unset.
    #[serde(default)]
    pub name: Option<String>,
    /// Kind of account; a business unless said otherwise.
    #[serde(default = "business")]
    pub account_type: AccountType,
    /// Whether the account holds the Instagram Tester role of the app.
    #[serde(default = "yes")]
    pub tester: bool,
    /// How many media it starts with (12).
    #[serde(default = "dozen")]
    pub media_count: u32,
    /// Which media it starts with; pictures only unless said otherwise.
    #[serde(default = "images")]
    pub mix: MediaMix,
    /// Times its content was seen in 24 hours; the call budget is 4800 times this (1000).
    #[serde(default = "thousand")]
    pub impressions: u64,
    /// Whether it has a profile picture.
    #[serde(default = "yes")]
    pub has_picture: bool,
}

fn business() -> AccountType {
    AccountType::Business
}

fn images() -> MediaMix {
    MediaMix::Images
}

fn yes() -> bool {
    true
}

fn dozen() -> u32 {
    12
}

fn thousand() -> u64 {
    1_000
}

impl NewAccount {
    /// A business with the tester role and twelve pictures.
    #[must_use]
    pub fn named(username: impl Into<String>) -> Self {
        Self {
            username: username.into(),
            name: None,
            account_type: business(),
            tester: yes(),
            media_count: dozen(),
            mix: images(),
            impressions: thousand(),
            has_picture: yes(),
        }
    }

    /// The same account with another number of media.
    #[must_use]
    pub fn with_media(mut self, media_count: u32) -> Self {
        self.media_count = media_count;
        self
    }
}

/// The accounts of a fresh simulator: a business with every odd case, a creator, a personal account, and a
/// business without the tester role.
#[must_use]
pub fn demo_accounts() -> Vec<NewAccount> {
    let account = |username: &str, name: &str, account_type, media_count| NewAccount {
        name: Some(name.to_owned()),
        account_type,
        mix: MediaMix::Varied,
        media_count,
        ..NewAccount::named(username)
    };
    vec![
        account("vitrine.demo", "Vitrine Demo", AccountType::Business, 42),
        account("vitrine.creator", "Ada Walks", AccountType::MediaCreator, 24),
        account("vitrine.personal", "Just Me", AccountType::Personal, 12),
        NewAccount {
            tester: false,
            ..account("vitrine.outsider", "No Role Yet", AccountType::Business, 12)
        },
    ]
}
