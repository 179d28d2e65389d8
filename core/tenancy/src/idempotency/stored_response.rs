//! First answers, as they are given again.

use serde::{Deserialize, Serialize};
use vitrine_entity::membership::Role;

/// An answer, as far as it is repeated.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredResponse {
    /// HTTP's status.
    pub status: u16,
    /// The body's type, where there is a body.
    pub content_type: Option<String>,
    /// Where the made thing is, where that was said.
    pub location: Option<String>,
    /// The body.
    pub body: Vec<u8>,
    /// What the person might do to whom it was given; none for a key, whose scopes never change.
    pub role: Option<Role>,
}

impl StoredResponse {
    /// Whether somebody of this role may be given it again: not one who may less than at the first time.
    #[must_use]
    pub fn is_for(&self, role: Option<Role>) -> bool {
        role >= self.role
    }
}
