//! Seals tokens before they are stored.

use super::MasterKey;
use chacha20poly1305::{
    KeyInit, XChaCha20Poly1305, XNonce,
    aead::{Aead, Payload},
};
use vitrine_entity::AccountId;
use vitrine_instagram::AccessToken;

/// Bytes of the nonce in front of the sealed text.
const NONCE: usize = 24;

/// A sealed token, fit for the database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealedToken {
    /// Nonce and ciphertext.
    pub ciphertext: Vec<u8>,
    /// Which key sealed it.
    pub key_id: String,
}

/// A token could not be opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum VaultError {
    /// It was sealed under a key that this process does not have.
    #[error("the token was sealed under another master key")]
    OtherKey,
    /// It was changed, belongs to another account, or is no text.
    #[error("the sealed token is damaged or belongs to another account")]
    Damaged,
}

/// Seals and opens tokens with XChaCha20-Poly1305; each is bound to its account, so that a row
/// copied to another account does not open.
#[derive(Clone)]
pub struct Vault {
    cipher: XChaCha20Poly1305,
    key_id: String,
}

impl Vault {
    /// A vault under this master key.
    #[must_use]
    pub fn new(master: &MasterKey) -> Self {
        let key = master.derive("vitrine 2026 account tokens");
        Self {
            cipher: XChaCha20Poly1305::new(&key.into()),
            key_id: master.id(),
        }
    }

    /// Seals a token for one account; the same token twice gives different bytes.
    ///
    /// # Errors
    /// [`VaultError::Damaged`] for a text too long for the cipher, which no token is.
    pub fn seal(&self, account: AccountId, token: &AccessToken) -> Result<SealedToken, VaultError> {
        let nonce: [u8; NONCE] = rand::random();
        let sealed = self
            .cipher
            .encrypt(
                &XNonce::from(nonce),
                Payload {
                    msg: token.expose().as_bytes(),
                    aad: account.0.as_bytes(),
                },
            )
            .map_err(|_| VaultError::Damaged)?;
        Ok(SealedToken {
            ciphertext: [nonce.as_slice(), &sealed].concat(),
            key_id: self.key_id.clone(),
        })
    }

    /// Opens the token of one account.
    ///
    /// # Errors
    /// See [`VaultError`].
    pub fn open(
        &self,
        account: AccountId,
        key_id: &str,
        ciphertext: &[u8],
    ) -> Result<AccessToken, VaultError> {
        if key_id != self.key_id {
            return Err(VaultError::OtherKey);
        }
        let (nonce, sealed) = ciphertext
            .split_first_chunk::<NONCE>()
            .ok_or(VaultError::Damaged)?;
        let opened = self
            .cipher
            .decrypt(
                &XNonce::from(*nonce),
                Payload {
                    msg: sealed,
                    aad: account.0.as_bytes(),
                },
            )
            .map_err(|_| VaultError::Damaged)?;
        String::from_utf8(opened)
            .map(AccessToken::from)
            .map_err(|_| VaultError::Damaged)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vault() -> Vault {
        Vault::new(&MasterKey::from_bytes([3; 32]))
    }

    #[test]
    fn a_token_opens_for_its_account_only() {
        let (ours, theirs) = (AccountId::generate(), AccountId::generate());
        let sealed = vault()
            .seal(ours, &AccessToken::from("IGAA-test".to_owned()))
            .unwrap();

        let opened = vault().open(ours, &sealed.key_id, &sealed.ciphertext).unwrap();

        assert_eq!(opened.expose(), "IGAA-test");
        assert_eq!(
            vault()
                .open(theirs, &sealed.key_id, &sealed.ciphertext)
                .unwrap_err(),
            VaultError::Damaged
        );
    }

    #[test]
    fn a_changed_or_foreign_seal_is_refused() {
        let account = AccountId::generate();
        let mut sealed = vault()
            .seal(account, &AccessToken::from("IGAA-test".to_owned()))
            .unwrap();
        let other = Vault::new(&MasterKey::from_bytes([4; 32]));

        assert_eq!(
            other
                .open(account, &sealed.key_id, &sealed.ciphertext)
                .unwrap_err(),
            VaultError::OtherKey
        );
        sealed.ciphertext[30] ^= 1;
        assert_eq!(
            vault()
                .open(account, &sealed.key_id, &sealed.ciphertext)
                .unwrap_err(),
            VaultError::Damaged
        );
        assert_eq!(
            vault().open(account, &sealed.key_id, b"short").unwrap_err(),
            VaultError::Damaged
        );
    }
}
