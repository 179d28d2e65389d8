//! Seals emails while they wait: the links in them are as good as passwords.

use super::Email;
use base64::{Engine, prelude::BASE64_STANDARD_NO_PAD};
use serde::{Deserialize, Serialize};
use vitrine_base::security::{Purpose, Vault};
use vitrine_entity::OutboxId;
use zeroize::Zeroizing;

/// An email in the database.
#[derive(Serialize, Deserialize)]
pub(super) struct SealedEmail {
    /// Which key sealed it.
    key_id: String,
    /// Nonce and ciphertext, in base64.
    sealed: String,
}

/// The email was sealed under another key, was changed, or belongs to another row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the sealed email cannot be opened with the keys of this process")]
pub(super) struct Unreadable;

/// Seals and opens emails, each bound to its row.
#[derive(Clone)]
pub(super) struct Seal {
    vault: Vault,
}

impl Seal {
    pub(super) fn new(vault: &Vault) -> Self {
        Self { vault: vault.clone() }
    }

    pub(super) fn close(&self, row: OutboxId, email: &Email) -> Result<SealedEmail, Unreadable> {
        let text = Zeroizing::new(serde_json::to_vec(email).map_err(|_| Unreadable)?);
        let sealed = self
            .vault
            .seal(Purpose::Mail, row.0, &text)
            .map_err(|_| Unreadable)?;
        Ok(SealedEmail {
            key_id: sealed.key_id,
            sealed: BASE64_STANDARD_NO_PAD.encode(sealed.ciphertext),
        })
    }

    pub(super) fn open(&self, row: OutboxId, email: &SealedEmail) -> Result<Email, Unreadable> {
        let bytes = BASE64_STANDARD_NO_PAD
            .decode(&email.sealed)
            .map_err(|_| Unreadable)?;
        let text = self.vault.open(Purpose::Mail, row.0, &email.key_id, &bytes);
        serde_json::from_slice(&text.map_err(|_| Unreadable)?).map_err(|_| Unreadable)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use vitrine_base::{
        clock::TestClock,
        security::{KeyRing, MasterKey},
    };

    fn seal(byte: u8) -> Seal {
        let master = MasterKey::from_bytes([byte; 32]);
        Seal::new(&Vault::new(&KeyRing::from_master_key(
            &master,
            Arc::new(TestClock::new()),
        )))
    }

    #[test]
    fn a_letter_opens_in_its_own_row_only() {
        let (seal, stranger) = (seal(1), seal(2));
        let email = Email::ResetPassword {
            to: "ada@example.com".to_owned(),
            name: "Ada".to_owned(),
            link: "https://vitrine.example/reset-password#token=secret".to_owned(),
        };
        let (ours, other) = (OutboxId::generate(), OutboxId::generate());

        let sealed = seal.close(ours, &email).unwrap();

        assert_eq!(seal.open(ours, &sealed), Ok(email));
        assert_eq!(seal.open(other, &sealed), Err(Unreadable));
        assert_eq!(stranger.open(ours, &sealed), Err(Unreadable));
        let stored = serde_json::to_string(&sealed).unwrap();
        assert!(!stored.contains("secret") && !stored.contains("ada@"));
    }
}
