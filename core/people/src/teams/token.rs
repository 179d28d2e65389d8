//! What an invitation's link carries.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use secrecy::{ExposeSecret, SecretString};
use vitrine_base::{random, security::MasterKey};

/// Makes tokens, and hashes them under a key of their own.
pub(super) struct Tokens {
    key: [u8; 32],
}

impl Tokens {
    pub(super) fn new(master: &MasterKey) -> Self {
        Self {
            key: master.derive("vitrine 2026 invitations"),
        }
    }

    /// A new random token.
    pub(super) fn generate() -> SecretString {
        BASE64_URL_SAFE_NO_PAD.encode(random::bytes::<32>()).into()
    }

    /// The hash under which it is stored.
    pub(super) fn hash(&self, token: &SecretString) -> String {
        let hash = blake3::keyed_hash(&self.key, token.expose_secret().as_bytes());
        hash.to_hex().to_string()
    }
}
