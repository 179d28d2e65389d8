//! One of the installation's own keys, and how it lies wrapped in the database.

use super::{
    MasterKey,
    cipher::{self, CipherError},
};
use crate::random;
use vitrine_entity::{Time, sealing_key::KeyUse};
use zeroize::Zeroizing;

/// For which purpose a master key wraps the installation's keys.
const WRAPPING: &str = "vitrine 2026 wrapped keys";
/// Bytes of a key's public name, before they are written in hex.
const NAME: usize = 8;

/// A random key that was unwrapped; wiped from memory when dropped, never printed.
pub(super) struct DataKey {
    pub(super) id: String,
    pub(super) key_use: KeyUse,
    pub(super) active_from: Time,
    pub(super) retired_at: Option<Time>,
    secret: MasterKey,
}

impl DataKey {
    /// A new random key.
    pub(super) fn generate(key_use: KeyUse, active_from: Time) -> Self {
        Self::of(new_name(), key_use, active_from, MasterKey::generate())
    }

    /// The key with this secret.
    pub(super) fn of(id: String, key_use: KeyUse, active_from: Time, secret: MasterKey) -> Self {
        Self {
            id,
            key_use,
            active_from,
            retired_at: None,
            secret,
        }
    }

    /// What the key itself is made of.
    pub(super) fn secret(&self) -> &MasterKey {
        &self.secret
    }

    /// The key for one purpose.
    pub(super) fn derive(&self, purpose: &str) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(self.secret.derive(purpose))
    }

    /// The key as the database keeps it, readable with this master key.
    pub(super) fn wrap(&self, master: &MasterKey) -> Result<Vec<u8>, CipherError> {
        let bytes = Zeroizing::new(self.secret.bytes());
        cipher::encrypt(
            &master.derive(WRAPPING),
            &bound_to(&self.id, self.key_use),
            &*bytes,
        )
    }

    /// The secret of a wrapped key.
    pub(super) fn unwrap(
        master: &MasterKey,
        id: &str,
        key_use: KeyUse,
        wrapped: &[u8],
    ) -> Result<MasterKey, CipherError> {
        let bytes = cipher::decrypt(&master.derive(WRAPPING), &bound_to(id, key_use), wrapped)?;
        let bytes = <[u8; 32]>::try_from(bytes.as_slice()).map_err(|_| CipherError)?;
        Ok(MasterKey::from_bytes(bytes))
    }
}

/// The keys of a database that had none of its own; the name of the one that seals is the one that stands beside
/// its seals.
pub(super) fn initial_keys(master: &MasterKey, now: Time) -> [DataKey; 3] {
    let key = |name: String, key_use| DataKey::of(name, key_use, now, master.clone());
    let id = master.id();
    [
        key(id.clone(), KeyUse::Seal),
        key(format!("{id}-sign"), KeyUse::Sign),
        key(format!("{id}-lasting"), KeyUse::Lasting),
    ]
}

/// A key that stands in another's row, or for another use, does not open.
fn bound_to(id: &str, key_use: KeyUse) -> Vec<u8> {
    let key_use = match key_use {
        KeyUse::Seal => "seal",
        KeyUse::Sign => "sign",
        KeyUse::Lasting => "lasting",
    };
    format!("{key_use}:{id}").into_bytes()
}

fn new_name() -> String {
    let bytes: [u8; NAME] = random::bytes();
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
