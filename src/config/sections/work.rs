//! When accounts are looked at, and how jobs are run.

use std::num::{NonZeroU32, NonZeroUsize};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::number;
use crate::config::durations;

const HOUR: Duration = Duration::from_secs(3_600);
const DAY: Duration = Duration::from_secs(86_400);

/// Section `[schedule]`.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct ScheduleSection {
    /// How often an account's media are read. Default 3h.
    #[serde(with = "durations")]
    pub(crate) sync_every: Duration,
    /// Age at which a token is refreshed. Default 7d.
    #[serde(with = "durations")]
    pub(crate) refresh_every: Duration,
    /// Age under which a token is never refreshed; Instagram refuses it under 24 hours. Default 25h.
    #[serde(with = "durations")]
    pub(crate) refresh_min_age: Duration,
    /// How often each worker looks for what is due. Default 1s.
    #[serde(with = "durations")]
    pub(crate) tick: Duration,
    /// Syncs that each worker hands out in a second at most, so that a catch-up is no stampede. Default 2000.
    pub(crate) syncs_per_second: NonZeroU32,
}

impl Default for ScheduleSection {
    fn default() -> Self {
        Self {
            sync_every: HOUR * 3,
            refresh_every: DAY * 7,
            refresh_min_age: HOUR * 25,
            tick: Duration::from_secs(1),
            syncs_per_second: number(2_000),
        }
    }
}

/// Section `[worker]`.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct WorkerSection {
    /// Jobs of one class that this process runs at the same time. Default 8.
    pub(crate) concurrency: NonZeroUsize,
    /// A job whose process died is delivered again after this time; 1s at least. Default 30s.
    #[serde(with = "durations")]
    pub(crate) lease: Duration,
    /// Wait before the second try of a job or an email that met trouble; doubles with each try. Default 2s.
    #[serde(with = "durations")]
    pub(crate) first_retry: Duration,
    /// Wait before Instagram is asked once more whether a token is really dead. Default 3s.
    #[serde(with = "durations")]
    pub(crate) confirm_after: Duration,
}

impl Default for WorkerSection {
    fn default() -> Self {
        Self {
            concurrency: NonZeroUsize::MIN.saturating_add(7),
            lease: Duration::from_secs(30),
            first_retry: Duration::from_secs(2),
            confirm_after: Duration::from_secs(3),
        }
    }
}
