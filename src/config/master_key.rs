//! The 32 bytes from which every other key is derived, as they stand in a file or a variable.

use std::str::FromStr;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
use secrecy::{ExposeSecret, SecretBox, SecretString};
use serde::de::Error;
use serde::{Deserialize, Deserializer};
use thiserror::Error;

/// Length of a master key in bytes.
pub(crate) const LENGTH: usize = 32;
/// Random keys of 32 bytes hold about 30 different ones; a key this poor was typed, not drawn.
const FEWEST_DIFFERENT_BYTES: usize = 8;

/// A master key that is long enough and not obviously made up. `Debug` hides it.
#[derive(Clone, Debug)]
pub(crate) struct MasterKeyBytes(Arc<SecretBox<[u8; LENGTH]>>);

/// Why a text is no master key. The text is not repeated.
#[derive(Debug, Error, PartialEq, Eq)]
pub(crate) enum WeakKey {
    #[error("is not base64; make one with `openssl rand -base64 32`")]
    NotBase64,
    #[error("holds {0} bytes instead of 32; make one with `openssl rand -base64 32`")]
    Length(usize),
    #[error("is too weak: it repeats a few bytes; make one with `openssl rand -base64 32`")]
    Repeating,
}

impl MasterKeyBytes {
    /// Draws a new key.
    pub(crate) fn generate() -> Self {
        Self::holding(rand::random())
    }

    fn holding(key: [u8; LENGTH]) -> Self {
        Self(Arc::new(SecretBox::new(Box::new(key))))
    }

    /// The key as it is written to a file.
    pub(crate) fn to_base64(&self) -> SecretString {
        SecretString::from(STANDARD.encode(self.0.expose_secret()))
    }

    /// The bytes themselves.
    pub(crate) fn bytes(&self) -> &[u8; LENGTH] {
        self.0.expose_secret()
    }
}

impl FromStr for MasterKeyBytes {
    type Err = WeakKey;

    fn from_str(text: &str) -> Result<Self, WeakKey> {
        let bytes = decode(text.trim()).ok_or(WeakKey::NotBase64)?;
        let key = <[u8; LENGTH]>::try_from(bytes.as_slice()).map_err(|_| WeakKey::Length(bytes.len()))?;
        let mut different = key;
        different.sort_unstable();
        if different.chunk_by(|one, next| one == next).count() < FEWEST_DIFFERENT_BYTES {
            return Err(WeakKey::Repeating);
        }
        Ok(Self::holding(key))
    }
}

impl<'de> Deserialize<'de> for MasterKeyBytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        SecretString::deserialize(deserializer)?
            .expose_secret()
            .parse()
            .map_err(D::Error::custom)
    }
}

fn decode(text: &str) -> Option<Vec<u8>> {
    [STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD]
        .iter()
        .find_map(|alphabet| alphabet.decode(text).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(bytes: &[u8]) -> Result<(), WeakKey> {
        STANDARD.encode(bytes).parse::<MasterKeyBytes>().map(drop)
    }

    #[test]
    fn a_drawn_key_is_read_back() {
        let key = MasterKeyBytes::generate();
        let again: MasterKeyBytes = key.to_base64().expose_secret().parse().unwrap();
        assert_eq!(key.bytes(), again.bytes());
    }

    #[test]
    fn weak_keys_are_refused_without_being_repeated() {
        assert_eq!(verdict(&[7; 31]), Err(WeakKey::Length(31)));
        assert_eq!(verdict(&[7; 32]), Err(WeakKey::Repeating));
        assert_eq!(
            verdict(b"abcdabcdabcdabcdabcdabcdabcdabcd"),
            Err(WeakKey::Repeating)
        );
        assert_eq!(
            "hunter2!".parse::<MasterKeyBytes>().unwrap_err(),
            WeakKey::NotBase64
        );
        assert!(!WeakKey::NotBase64.to_string().contains("hunter2"));
    }

    #[test]
    fn debug_hides_the_key() {
        let key = MasterKeyBytes::generate();
        assert!(
            !format!("{key:?}").contains(&format!("{:?}", key.bytes())[1..20]),
            "{key:?}"
        );
    }
}
