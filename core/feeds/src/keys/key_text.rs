//! The text of a key: `vt_sk_` or `vt_pk_`, 40 random letters and digits, 6 of checksum.
//!
//! The fixed prefix, alphabet and length let secret scanners recognise a leaked key, and the
//! checksum lets a mistyped one be refused without a look-up.

use secrecy::{ExposeSecret, SecretString};
use std::str::FromStr;
use vitrine_base::random;
use vitrine_entity::api_key::KeyKind;

const RANDOM: usize = 40;
const CHECKSUM: usize = 6;
const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// A text with the form of a key.
#[derive(Clone)]
pub struct KeyText(SecretString);

/// A text that cannot be a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this is not an API key")]
pub struct MalformedKey;

fn mark(kind: KeyKind) -> &'static str {
    match kind {
        KeyKind::Secret => "vt_sk_",
        KeyKind::Publishable => "vt_pk_",
    }
}

impl KeyText {
    /// A new random key.
    #[must_use]
    pub fn generate(kind: KeyKind) -> Self {
        let random = random::alphanumeric(RANDOM);
        Self(Self::checked(kind, &random).into())
    }

    /// The text with its mark and its checksum.
    pub(super) fn checked(kind: KeyKind, random: &str) -> String {
        let body = format!("{}{random}", mark(kind));
        let sum = checksum(&body);
        body + &sum
    }

    /// The hash under which it is stored.
    #[must_use]
    pub fn hash(&self, pepper: &[u8; 32]) -> blake3::Hash {
        blake3::keyed_hash(pepper, self.0.expose_secret().as_bytes())
    }

    /// The text.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    /// The text, to be handed to its owner.
    #[must_use]
    pub fn into_secret(self) -> SecretString {
        self.0
    }
}

impl FromStr for KeyText {
    type Err = MalformedKey;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let known = [KeyKind::Secret, KeyKind::Publishable]
            .into_iter()
            .any(|kind| text.starts_with(mark(kind)));
        let body_length = text
            .len()
            .checked_sub(CHECKSUM)
            .filter(|length| text.is_char_boundary(*length));
        let (body, sum) = text.split_at(body_length.ok_or(MalformedKey)?);
        let random = body.get(mark(KeyKind::Secret).len()..).unwrap_or_default();
        let is_random = random.len() == RANDOM && random.bytes().all(|byte| byte.is_ascii_alphanumeric());
        let fits = known && is_random && sum == checksum(body);
        if fits {
            Ok(Self(text.to_owned().into()))
        } else {
            Err(MalformedKey)
        }
    }
}

fn checksum(body: &str) -> String {
    let mut rest = crc32fast::hash(body.as_bytes()) as usize;
    let mut digits = [b'0'; CHECKSUM];
    for digit in digits.iter_mut().rev() {
        *digit = ALPHABET[rest % ALPHABET.len()];
        rest /= ALPHABET.len();
    }
    digits.into_iter().map(char::from).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_recognised_and_a_mistyped_one_is_not() {
        for kind in [KeyKind::Secret, KeyKind::Publishable] {
            let key = KeyText::generate(kind);
            let last = if key.expose().ends_with('0') { "1" } else { "0" };
            let mistyped = format!("{}{last}", &key.expose()[..key.expose().len() - 1]);

            assert_eq!(key.expose().len(), 52);
            assert!(key.expose().parse::<KeyText>().is_ok());
            assert!(mistyped.parse::<KeyText>().is_err());
        }
    }

    #[test]
    fn other_texts_are_no_keys() {
        for text in [
            "",
            "vt_sk_",
            "sk_live_1",
            "vt_xx_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
            "ééééééé",
        ] {
            assert!(text.parse::<KeyText>().is_err(), "{text}");
        }
        for random in ["a".repeat(39) + "\n", "a".repeat(38) + "é", "a".repeat(41)] {
            let text = KeyText::checked(KeyKind::Secret, &random);
            assert!(
                text.parse::<KeyText>().is_err(),
                "{text} in spite of its checksum"
            );
        }
    }
}
