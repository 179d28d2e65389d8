//! Seals letters while they wait: the links in them are as good as passwords.

use super::Letter;
use crate::security::MasterKey;
use base64::{Engine, prelude::BASE64_STANDARD_NO_PAD};
use chacha20poly1305::{
    KeyInit, XChaCha20Poly1305, XNonce,
    aead::{Aead, Payload},
};
use serde::{Deserialize, Serialize};
use vitrine_entity::OutboxId;
use zeroize::Zeroizing;

/// Bytes of the nonce in front of the sealed text.
const NONCE: usize = 24;

/// A letter in the database.
#[derive(Serialize, Deserialize)]
pub(super) struct SealedLetter {
    /// Which master key sealed it.
    key_id: String,
    /// Nonce and ciphertext, in base64.
    sealed: String,
}

/// The letter was sealed under another key, was changed, or belongs to another row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the sealed letter cannot be opened with this master key")]
pub(super) struct Unreadable;

/// Seals and opens letters with XChaCha20-Poly1305, each bound to its row.
#[derive(Clone)]
pub(super) struct Seal {
    cipher: XChaCha20Poly1305,
    key_id: String,
}

impl Seal {
    pub(super) fn new(master: &MasterKey) -> Self {
        Self {
            cipher: XChaCha20Poly1305::new(&master.derive("vitrine 2026 outbox").into()),
            key_id: master.id(),
        }
    }

    pub(super) fn close(&self, row: OutboxId, letter: &Letter) -> Result<SealedLetter, Unreadable> {
        let text = Zeroizing::new(serde_json::to_vec(letter).map_err(|_| Unreadable)?);
        let nonce: [u8; NONCE] = rand::random();
        let payload = Payload {
            msg: &text,
            aad: row.0.as_bytes(),
        };
        let sealed = self
            .cipher
            .encrypt(&XNonce::from(nonce), payload)
            .map_err(|_| Unreadable)?;
        Ok(SealedLetter {
            key_id: self.key_id.clone(),
            sealed: BASE64_STANDARD_NO_PAD.encode([nonce.as_slice(), &sealed].concat()),
        })
    }

    pub(super) fn open(&self, row: OutboxId, letter: &SealedLetter) -> Result<Letter, Unreadable> {
        if letter.key_id != self.key_id {
            return Err(Unreadable);
        }
        let bytes = BASE64_STANDARD_NO_PAD
            .decode(&letter.sealed)
            .map_err(|_| Unreadable)?;
        let (nonce, sealed) = bytes.split_first_chunk::<NONCE>().ok_or(Unreadable)?;
        let payload = Payload {
            msg: sealed,
            aad: row.0.as_bytes(),
        };
        let text = self.cipher.decrypt(&XNonce::from(*nonce), payload);
        let text = Zeroizing::new(text.map_err(|_| Unreadable)?);
        serde_json::from_slice(&text).map_err(|_| Unreadable)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_letter_opens_in_its_own_row_only() {
        let seal = Seal::new(&MasterKey::from_bytes([1; 32]));
        let letter = Letter::ResetPassword {
            to: "ada@example.com".to_owned(),
            name: "Ada".to_owned(),
            link: "https://vitrine.example/reset-password#token=secret".to_owned(),
        };
        let (ours, other) = (OutboxId::generate(), OutboxId::generate());

        let sealed = seal.close(ours, &letter).unwrap();

        assert_eq!(seal.open(ours, &sealed), Ok(letter));
        assert_eq!(seal.open(other, &sealed), Err(Unreadable));
        let stranger = Seal::new(&MasterKey::from_bytes([2; 32]));
        assert_eq!(stranger.open(ours, &sealed), Err(Unreadable));
        let stored = serde_json::to_string(&sealed).unwrap();
        assert!(!stored.contains("secret") && !stored.contains("ada@"));
    }
}
