//! What two requests are compared by.

use vitrine_base::security::KeyRing;
use vitrine_people::audit::Actor;

/// A caller's key, told apart from the same key of another caller: what one may read, another may not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallerKey(String);

impl CallerKey {
    /// The key that `actor` sent.
    #[must_use]
    pub fn of(actor: Actor, key: &str) -> Self {
        let mut hasher = blake3::Hasher::new_derive_key("vitrine 2026 idempotency keys");
        let (kind, id) = match actor {
            Actor::Person(id) => (b'p', Some(id.0)),
            Actor::Key(id) => (b'k', Some(id.0)),
            Actor::System => (b's', None),
        };
        hasher.update(&[kind]);
        hasher.update(id.unwrap_or_default().as_bytes());
        hasher.update(key.as_bytes());
        Self(hasher.finalize().to_hex().to_string())
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

/// The key of request digests.
#[derive(Clone)]
pub(super) struct RequestKey([u8; 32]);

impl RequestKey {
    pub(super) fn new(ring: &KeyRing) -> Self {
        Self(ring.lasting().derive("vitrine 2026 repeated requests"))
    }
}

/// The digest of a request: what it asks for, of what, and with which body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestDigest(String);

impl RequestDigest {
    /// The digest of these parts, in this order. It is keyed: a body may hold a password, and a plain digest would
    /// let whoever has the database guess it fast.
    #[must_use]
    pub(super) fn of(key: &RequestKey, parts: &[&[u8]]) -> Self {
        let mut hasher = blake3::Hasher::new_keyed(&key.0);
        for part in parts {
            hasher.update(&(part.len() as u64).to_le_bytes());
            hasher.update(part);
        }
        Self(hasher.finalize().to_hex().to_string())
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}
