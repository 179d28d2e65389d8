//! XChaCha20-Poly1305 with a random nonce in front of what it encrypted.

use crate::random;
use chacha20poly1305::{
    KeyInit, XChaCha20Poly1305, XNonce,
    aead::{Aead, Payload},
};
use zeroize::Zeroizing;

/// Bytes of the nonce in front of the sealed text.
const NONCE: usize = 24;

/// A text is too long for the cipher, or what was sealed was changed, or belongs to another key or owner.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the sealed secret is damaged or belongs to another owner")]
pub struct CipherError;

/// Nonce and ciphertext; the same text twice gives different bytes.
pub(super) fn encrypt(key: &[u8; 32], bound_to: &[u8], text: &[u8]) -> Result<Vec<u8>, CipherError> {
    let nonce: [u8; NONCE] = random::bytes();
    let text = Payload {
        msg: text,
        aad: bound_to,
    };
    let sealed = XChaCha20Poly1305::new(&(*key).into()).encrypt(&XNonce::from(nonce), text);
    let sealed = sealed.map_err(|_| CipherError)?;
    Ok([nonce.as_slice(), &sealed].concat())
}

/// What was encrypted under the same key and bound to the same.
pub(super) fn decrypt(
    key: &[u8; 32],
    bound_to: &[u8],
    sealed: &[u8],
) -> Result<Zeroizing<Vec<u8>>, CipherError> {
    let (nonce, sealed) = sealed.split_first_chunk::<NONCE>().ok_or(CipherError)?;
    let sealed = Payload {
        msg: sealed,
        aad: bound_to,
    };
    XChaCha20Poly1305::new(&(*key).into())
        .decrypt(&XNonce::from(*nonce), sealed)
        .map(Zeroizing::new)
        .map_err(|_| CipherError)
}
