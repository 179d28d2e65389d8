//! How long things are kept.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::config::durations;

const DAY: Duration = Duration::from_secs(86_400);

/// Section `[history]`.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct HistorySection {
    /// How long ended jobs are kept. Default 30d.
    #[serde(with = "durations")]
    pub(crate) keep: Duration,
}

impl Default for HistorySection {
    fn default() -> Self {
        Self { keep: DAY * 30 }
    }
}

/// Section `[audit]`.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct AuditSection {
    /// How long entries of the audit log are kept. Default 365d.
    #[serde(with = "durations")]
    pub(crate) keep: Duration,
}

impl Default for AuditSection {
    fn default() -> Self {
        Self { keep: DAY * 365 }
    }
}

/// Section `[deletion]`.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct DeletionSection {
    /// How long the deletion of a tenant can be taken back. Default 7d.
    #[serde(with = "durations")]
    pub(crate) grace: Duration,
}

impl Default for DeletionSection {
    fn default() -> Self {
        Self { grace: DAY * 7 }
    }
}
