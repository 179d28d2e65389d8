//! Which cryptography encrypted connections use.

use rustls::crypto::CryptoProvider;

/// rustls panics at the first connection of a process that has not chosen how to encrypt.
pub(crate) fn ensure_cryptography() {
    if CryptoProvider::get_default().is_none() {
        // Fails only when another thread has just chosen.
        let _ = rustls::crypto::ring::default_provider().install_default();
    }
}
