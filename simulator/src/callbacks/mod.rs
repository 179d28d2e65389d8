//! What the platform sends to an app: signed requests and webhooks, genuine or not.

mod send;
mod sign;

use serde::{Deserialize, Serialize};

/// How a callback is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CallbackVariant {
    /// Genuine, once.
    #[default]
    Valid,
    /// Signed with another secret.
    BadSignature,
    /// Genuine, the very same bytes twice.
    Replay,
    /// Genuine, issued 30 days ago.
    Stale,
}

/// Which of the three ids of an account a signed request names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UserIdForm {
    /// `/me.id`, as documented.
    #[default]
    AppScoped,
    /// `/me.user_id`.
    Professional,
    /// The id of the code exchange.
    Exchange,
}

/// A deauthorize or data deletion callback.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignedCallback {
    /// Where to; loopback only.
    pub url: String,
    /// Whose.
    pub account: String,
    /// How.
    #[serde(default)]
    pub variant: CallbackVariant,
    /// By which id.
    #[serde(default)]
    pub user_id: UserIdForm,
}

impl SignedCallback {
    /// A genuine callback by the documented id.
    #[must_use]
    pub fn new(url: impl Into<String>, account: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            account: account.into(),
            variant: CallbackVariant::default(),
            user_id: UserIdForm::default(),
        }
    }
}

/// What a webhook tells.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WebhookEvent {
    /// The question whether the address is ours, with the token agreed on.
    Handshake {
        /// The token agreed on.
        verify_token: String,
    },
    /// A comment under a post.
    Comment {
        /// What it says.
        text: String,
    },
}

/// A webhook delivery.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WebhookCallback {
    /// Where to; loopback only.
    pub url: String,
    /// Whose.
    pub account: String,
    /// What.
    pub event: WebhookEvent,
    /// How; a handshake is always genuine.
    #[serde(default)]
    pub variant: CallbackVariant,
}

/// What the app answered to one delivery.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallbackAnswer {
    /// HTTP status.
    pub status: u16,
    /// The body as text.
    pub body: String,
}
