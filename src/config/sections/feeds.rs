//! How feeds are served.

use std::num::{NonZeroU32, NonZeroU64};

use serde::{Deserialize, Serialize};

use super::number;

/// Section `[feeds]`.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct FeedsSection {
    /// Feed requests that one key may make in a minute, over all processes. Default 60,000.
    pub(crate) requests_per_minute: NonZeroU32,
    /// Feed requests a day that a tenant's plan includes; those beyond are answered all the same, but browsers and
    /// caches may keep them longer. Default: no end.
    pub(crate) requests_per_day: Option<NonZeroU32>,
    /// Memory of this process for feeds and the bytes made of them. Default 256 MiB.
    pub(crate) cache_bytes: NonZeroU64,
}

impl Default for FeedsSection {
    fn default() -> Self {
        Self {
            requests_per_minute: number(60_000),
            requests_per_day: None,
            cache_bytes: NonZeroU64::new(256 * 1024 * 1024).unwrap_or(NonZeroU64::MIN),
        }
    }
}
