//! Seals secrets before they are stored.

use super::{
    KeyRing,
    cipher::{self, CipherError},
};
use secrecy::SecretString;
use uuid::Uuid;
use vitrine_entity::{AccountId, sealing_key::KeyUse};
use zeroize::Zeroizing;

/// What a sealed secret is. Each has a key of its own, so that a secret of one kind does not open as another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// An account's token; its owner is the account.
    AccountToken,
    /// The secret of a person's second factor; its owner is the person.
    TotpSecret,
    /// A secret that signs what is sent to an owner's server; its owner is the address that it is sent to.
    WebhookSecret,
    /// What an email says; its owner is the email.
    Mail,
    /// The first answer to a named request; its owner is the tenant.
    StoredResponse,
    /// A part of a tenant's export; its owner is the task.
    ExportPart,
}

impl Purpose {
    fn label(self) -> &'static str {
        match self {
            Self::AccountToken => "vitrine 2026 account tokens",
            Self::TotpSecret => "vitrine 2026 second factors",
            Self::WebhookSecret => "vitrine 2026 webhook secrets",
            Self::Mail => "vitrine 2026 letters",
            Self::StoredResponse => "vitrine 2026 first answers",
            Self::ExportPart => "vitrine 2026 export documents",
        }
    }
}

/// A sealed secret, fit for the database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sealed {
    /// Nonce and ciphertext.
    pub ciphertext: Vec<u8>,
    /// Which key sealed it.
    pub key_id: String,
}

/// A secret could not be opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum VaultError {
    /// It was sealed under a key that this process does not have.
    #[error("sealed under a key that this process cannot read; was it started with an old master key?")]
    OtherKey,
    /// It was changed, belongs to another owner, or is no text.
    #[error("the sealed secret is damaged or belongs to another owner")]
    Damaged,
}

impl From<CipherError> for VaultError {
    fn from(_: CipherError) -> Self {
        Self::Damaged
    }
}

/// Seals and opens secrets with XChaCha20-Poly1305 under the installation's keys. Each is bound to its purpose by
/// its key and to its owner as associated data, so that a row copied to another owner does not open.
#[derive(Clone, Debug)]
pub struct Vault {
    ring: KeyRing,
}

impl Vault {
    /// A vault under these keys.
    #[must_use]
    pub fn new(ring: &KeyRing) -> Self {
        Self { ring: ring.clone() }
    }

    /// Seals a secret for one owner; the same secret twice gives different bytes.
    ///
    /// # Errors
    /// [`VaultError::Damaged`] for a text too long for the cipher, which is gigabytes.
    pub fn seal(&self, purpose: Purpose, owner: Uuid, secret: &[u8]) -> Result<Sealed, VaultError> {
        let key = self.ring.active(KeyUse::Seal, purpose.label());
        Ok(Sealed {
            ciphertext: cipher::encrypt(&key.secret, owner.as_bytes(), secret)?,
            key_id: key.id,
        })
    }

    /// Opens a secret of one owner.
    ///
    /// # Errors
    /// See [`VaultError`].
    pub fn open(
        &self,
        purpose: Purpose,
        owner: Uuid,
        key_id: &str,
        ciphertext: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, VaultError> {
        let key = self.ring.named(KeyUse::Seal, key_id, purpose.label());
        let key = key.ok_or(VaultError::OtherKey)?;
        Ok(cipher::decrypt(&key.secret, owner.as_bytes(), ciphertext)?)
    }

    /// Seals the token of one account.
    ///
    /// # Errors
    /// As for [`Vault::seal`].
    pub fn seal_token(&self, account: AccountId, token: &str) -> Result<Sealed, VaultError> {
        self.seal(Purpose::AccountToken, account.0, token.as_bytes())
    }

    /// Opens the token of one account.
    ///
    /// # Errors
    /// See [`VaultError`].
    pub fn open_token(
        &self,
        account: AccountId,
        key_id: &str,
        ciphertext: &[u8],
    ) -> Result<SecretString, VaultError> {
        let opened = self.open(Purpose::AccountToken, account.0, key_id, ciphertext)?;
        let text = std::str::from_utf8(&opened).map_err(|_| VaultError::Damaged)?;
        Ok(SecretString::from(text))
    }

    pub(super) fn was_renewed_lately(&self) -> bool {
        self.ring.was_renewed_lately()
    }

    /// The name of the key under which secrets are now sealed.
    #[must_use]
    pub fn active_key(&self) -> String {
        self.ring.active_seal()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{clock::TestClock, security::MasterKey};
    use secrecy::ExposeSecret;
    use std::sync::Arc;

    fn vault(byte: u8) -> Vault {
        let master = MasterKey::from_bytes([byte; 32]);
        Vault::new(&KeyRing::from_master_key(&master, Arc::new(TestClock::new())))
    }

    #[test]
    fn a_token_opens_for_its_account_only() {
        let (ours, theirs) = (AccountId::generate(), AccountId::generate());
        let sealed = vault(3).seal_token(ours, "IGAA-test").unwrap();

        let opened = vault(3)
            .open_token(ours, &sealed.key_id, &sealed.ciphertext)
            .unwrap();

        assert_eq!(opened.expose_secret(), "IGAA-test");
        let copied = vault(3).open_token(theirs, &sealed.key_id, &sealed.ciphertext);
        assert_eq!(copied.unwrap_err(), VaultError::Damaged);
    }

    #[test]
    fn a_secret_opens_for_its_purpose_only() {
        let owner = Uuid::now_v7();
        let sealed = vault(3).seal(Purpose::TotpSecret, owner, b"secret").unwrap();
        let open = |purpose| vault(3).open(purpose, owner, &sealed.key_id, &sealed.ciphertext);

        assert_eq!(*open(Purpose::TotpSecret).unwrap(), b"secret");
        for other in [Purpose::AccountToken, Purpose::WebhookSecret, Purpose::Mail] {
            assert_eq!(open(other).unwrap_err(), VaultError::Damaged);
        }
    }

    #[test]
    fn a_changed_or_foreign_seal_is_refused() {
        let account = AccountId::generate();
        let mut sealed = vault(3).seal_token(account, "IGAA-test").unwrap();
        let refusal = |vault: Vault, sealed: &Sealed| {
            let opened = vault.open_token(account, &sealed.key_id, &sealed.ciphertext);
            opened.unwrap_err()
        };

        assert_eq!(refusal(vault(4), &sealed), VaultError::OtherKey);
        sealed.ciphertext[30] ^= 1;
        assert_eq!(refusal(vault(3), &sealed), VaultError::Damaged);
        sealed.ciphertext.truncate(5);
        assert_eq!(refusal(vault(3), &sealed), VaultError::Damaged);
    }
}
