//! The account behind a token.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::answers::json::{self, Unreadable};
use crate::fields::FieldSet;

/// An account as `/me` shows it. Everything but the id may be missing, whatever was asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    /// The app-scoped id; in Basic Display it may be the professional one.
    pub id: String,
    /// The professional account id, which webhooks carry too. Missing in Basic Display and from servers
    /// that refuse the field.
    pub user_id: Option<String>,
    /// The name in the address of the profile. Can change: never a key.
    pub username: Option<String>,
    /// The display name.
    pub name: Option<String>,
    /// Whether the account is a business, a creator or a person.
    pub account_type: Option<AccountType>,
    /// Signed link to the picture, which expires. Missing when there is no picture.
    pub profile_picture_url: Option<String>,
    /// How many follow the account.
    pub followers_count: Option<i64>,
    /// How many the account follows.
    pub follows_count: Option<i64>,
    /// How many media there are, counting reels that the listing leaves out.
    pub media_count: Option<i64>,
    /// The text under the name.
    pub biography: Option<String>,
    /// The link under the text.
    pub website: Option<String>,
    /// What was not asked for, so that its absence says nothing.
    #[serde(skip)]
    pub unasked: FieldSet,
}

/// The kind of an account. Read without regard to case; written as on the wire, in capitals.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub enum AccountType {
    /// A business.
    Business,
    /// A creator.
    MediaCreator,
    /// A person; served by Basic Display only.
    Personal,
    /// A kind this version does not know, as it came.
    Other(String),
}

impl AccountType {
    /// The kind as on the wire.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Business => "BUSINESS",
            Self::MediaCreator => "MEDIA_CREATOR",
            Self::Personal => "PERSONAL",
            Self::Other(other) => other,
        }
    }
}

impl From<String> for AccountType {
    fn from(text: String) -> Self {
        match text.to_ascii_uppercase().as_str() {
            "BUSINESS" => Self::Business,
            "MEDIA_CREATOR" => Self::MediaCreator,
            "PERSONAL" => Self::Personal,
            _ => Self::Other(text),
        }
    }
}

impl From<AccountType> for String {
    fn from(kind: AccountType) -> Self {
        kind.as_str().to_owned()
    }
}

impl Profile {
    /// Reads `/me`, flat as on the wire or in `data` as in Meta's documentation.
    pub(crate) fn read(answer: &Value) -> Result<Self, Unreadable> {
        let user = json::unwrapped(answer);
        let user_id = json::text(user, "user_id");
        let id = json::text(user, "id")
            .or_else(|| user_id.clone())
            .ok_or(Unreadable::Missing("id"))?;
        Ok(Self {
            id,
            user_id,
            username: json::text(user, "username"),
            name: json::text(user, "name"),
            account_type: json::text(user, "account_type").map(AccountType::from),
            profile_picture_url: json::link(user, "profile_picture_url"),
            followers_count: json::integer(user, "followers_count"),
            follows_count: json::integer(user, "follows_count"),
            media_count: json::integer(user, "media_count"),
            biography: json::text(user, "biography"),
            website: json::link(user, "website"),
            unasked: FieldSet::default(),
        })
    }
}

/// Accepts any answer that names the account.
pub(crate) fn read_alive(answer: &Value) -> Result<(), Unreadable> {
    json::required_text(json::unwrapped(answer), "id").map(drop)
}
