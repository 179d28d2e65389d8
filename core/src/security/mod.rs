//! Keys, sealing and digests.

mod master_key;
mod vault;

pub use master_key::{MasterKey, WeakMasterKey};
pub use vault::{SealedToken, Vault, VaultError};
