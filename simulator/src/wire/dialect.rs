//! The two APIs that the simulator speaks.

use serde::{Deserialize, Serialize};

/// The two APIs that ever gave media to websites.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Dialect {
    /// Instagram API with Instagram Login: professional accounts only.
    #[default]
    InstagramLogin,
    /// Basic Display, shut on 2024-12-04: personal accounts too, few fields.
    BasicDisplay,
}

impl Dialect {
    /// The scope without which nothing is granted.
    #[must_use]
    pub fn required_scope(self) -> &'static str {
        self.scopes()[0]
    }

    /// Every scope known, the required one first. The position is the bit kept in a token.
    #[must_use]
    pub fn scopes(self) -> &'static [&'static str] {
        match self {
            Self::InstagramLogin => &[
                "instagram_business_basic",
                "instagram_business_manage_comments",
                "instagram_business_content_publish",
                "instagram_business_manage_messages",
                "instagram_business_manage_insights",
            ],
            Self::BasicDisplay => &["user_profile", "user_media"],
        }
    }

    pub(crate) fn token_prefix(self) -> &'static str {
        match self {
            Self::InstagramLogin => "IGAA",
            Self::BasicDisplay => "IGQV",
        }
    }
}
