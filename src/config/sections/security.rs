//! The key to everything that is sealed or signed.

use serde::{Deserialize, Serialize};
use vitrine_base::security::MasterKey;

use crate::config::secrets;

/// Section `[security]`.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct SecuritySection {
    /// 32 random bytes in base64, from which every other key is derived. `up` makes one in the data directory.
    #[serde(
        deserialize_with = "secrets::master_key",
        serialize_with = "secrets::presence"
    )]
    pub(crate) master_key: Option<MasterKey>,
    /// Master keys before it, each as good as the new one until `vitrine admin rotate-master-key` is done. Default: none.
    #[serde(
        deserialize_with = "secrets::master_keys",
        serialize_with = "secrets::how_many"
    )]
    pub(crate) previous_master_keys: Vec<MasterKey>,
}
