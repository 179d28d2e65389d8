//! What an owner's consent gives.

use std::time::Duration;
use vitrine_entity::{AccountId, UserId};
use vitrine_instagram::AccessToken;

/// A token and how it was come by.
pub(super) struct Consent {
    pub(super) token: AccessToken,
    /// How long it lives from now; none when nobody said.
    pub(super) life: Option<Duration>,
    /// Whether the app's own secret made the token.
    pub(super) app_proved: bool,
    pub(super) exchange_user_id: Option<String>,
    pub(super) expected: Option<AccountId>,
    /// Who gave it, where a person began the connection.
    pub(super) by: Option<UserId>,
}
