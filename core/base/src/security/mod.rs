//! Keys, sealing and digests.
//!
//! The installation has keys of its own, which lie wrapped under the master key in the database. A new master key
//! therefore only wraps them anew: what they sealed, signed and hashed goes on to be good.

mod cipher;
mod data_key;
pub mod installation;
mod key_manager;
mod master_key;
mod reseal;
mod ring;
mod rotation;
#[cfg(test)]
mod tests;
mod vault;

pub use key_manager::{KeyError, KeyManager};
pub use master_key::{MasterKey, MasterKeys, WeakMasterKey};
pub use reseal::{Resealed, Resealer};
pub use ring::KeyRing;
pub use rotation::Rotation;
pub use vault::{Purpose, Sealed, Vault, VaultError};
