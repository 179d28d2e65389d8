//! Fields that may be null.

use serde::{Deserialize, Deserializer};

/// Tells a field that is `null` from one that is absent: put it beside `#[serde(default)]` and `deserialize_with`.
pub(crate) fn nullable<'de, T, D>(deserializer: D) -> Result<Option<Option<T>>, D::Error>
where
    T: Deserialize<'de>,
    D: Deserializer<'de>,
{
    Option::deserialize(deserializer).map(Some)
}
