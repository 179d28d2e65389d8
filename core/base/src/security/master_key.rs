//! The one secret from which every other key is derived.

use crate::random;
use base64::{Engine, prelude::BASE64_STANDARD};
use zeroize::{Zeroize, ZeroizeOnDrop};

/// Fewer different bytes than this cannot have come from a random source.
const LEAST_DISTINCT_BYTES: usize = 16;

/// 32 random bytes; wiped from memory when dropped, never printed.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct MasterKey([u8; 32]);

/// Why a text cannot be the master key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WeakMasterKey {
    /// It is no base64.
    #[error("is not base64")]
    NotBase64,
    /// It is base64 of the wrong length.
    #[error("must be 32 bytes in base64, this is {0} bytes")]
    Length(usize),
    /// It cannot be random.
    #[error("repeats itself and cannot be random; create one with `openssl rand -base64 32`")]
    NotRandom,
}

impl MasterKey {
    /// A new random key.
    #[must_use]
    pub fn generate() -> Self {
        Self(random::bytes())
    }

    /// A key of these bytes, whatever they are.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Reads a key from base64.
    ///
    /// # Errors
    /// See [`WeakMasterKey`].
    pub fn from_base64(text: &str) -> Result<Self, WeakMasterKey> {
        let mut bytes = BASE64_STANDARD
            .decode(text.trim())
            .map_err(|_| WeakMasterKey::NotBase64)?;
        let key = <[u8; 32]>::try_from(bytes.as_slice()).map_err(|_| WeakMasterKey::Length(bytes.len()));
        let distinct = bytes.iter().collect::<std::collections::BTreeSet<_>>().len();
        bytes.zeroize();
        match key? {
            _ if distinct < LEAST_DISTINCT_BYTES => Err(WeakMasterKey::NotRandom),
            key => Ok(Self(key)),
        }
    }

    /// The key in base64, to be kept in a file.
    #[must_use]
    pub fn to_base64(&self) -> secrecy::SecretString {
        BASE64_STANDARD.encode(self.0).into()
    }

    /// The bytes themselves, to be wrapped.
    pub(super) fn bytes(&self) -> [u8; 32] {
        self.0
    }

    /// The key for one purpose; `purpose` is a fixed text of the program.
    #[must_use]
    pub fn derive(&self, purpose: &str) -> [u8; 32] {
        blake3::derive_key(purpose, &self.0)
    }

    /// A short public name, the same for the same key.
    #[must_use]
    pub fn id(&self) -> String {
        blake3::Hash::from_bytes(self.derive("vitrine 2026 key id")).to_hex()[..12].to_owned()
    }
}

impl std::fmt::Debug for MasterKey {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("MasterKey(…)")
    }
}

/// The master keys that a process was given.
#[derive(Clone, Debug)]
pub struct MasterKeys {
    /// The one that counts.
    pub current: MasterKey,
    /// Those before it, while it takes their place.
    pub previous: Vec<MasterKey>,
}

impl MasterKeys {
    /// This key alone.
    #[must_use]
    pub fn only(current: MasterKey) -> Self {
        Self {
            current,
            previous: Vec::new(),
        }
    }

    /// The current one first, then those before it.
    pub fn all(&self) -> impl Iterator<Item = &MasterKey> {
        std::iter::once(&self.current).chain(&self.previous)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use secrecy::ExposeSecret;

    #[test]
    fn weak_keys_are_refused_each_for_its_reason() {
        assert_eq!(MasterKey::from_base64("?").unwrap_err(), WeakMasterKey::NotBase64);
        assert_eq!(
            MasterKey::from_base64("c2hvcnQ=").unwrap_err(),
            WeakMasterKey::Length(5)
        );
        let zeros = BASE64_STANDARD.encode([0; 32]);
        assert_eq!(
            MasterKey::from_base64(&zeros).unwrap_err(),
            WeakMasterKey::NotRandom
        );
    }

    #[test]
    fn a_key_survives_its_text() {
        let key = MasterKey::generate();

        let again = MasterKey::from_base64(key.to_base64().expose_secret()).unwrap();

        assert_eq!(again.id(), key.id());
        assert_ne!(key.derive("one"), key.derive("two"));
    }
}
