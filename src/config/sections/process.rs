//! What a process writes about its running, and how it ends.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::config::{durations, parsers};

/// Section `[logging]`.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct LoggingSection {
    /// `text` or `json`. Default: text on a terminal, JSON otherwise.
    #[serde(deserialize_with = "parsers::maybe_choice")]
    pub(crate) format: Option<LogFormat>,
}

/// How a log line is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum LogFormat {
    /// For people.
    Text,
    /// One JSON object per line.
    Json,
}

/// Section `[shutdown]`.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct ShutdownSection {
    /// How long requests are still taken after SIGTERM, while `/readyz` answers 503 and proxies turn elsewhere; before
    /// `grace` begins. Default 5s for `api`, none for `up`.
    #[serde(with = "durations::or_none")]
    pub(crate) drain: Option<Duration>,
    /// How long running requests and jobs may take to finish after that. Default 20s.
    #[serde(with = "durations")]
    pub(crate) grace: Duration,
}

impl Default for ShutdownSection {
    fn default() -> Self {
        Self {
            drain: None,
            grace: Duration::from_secs(20),
        }
    }
}
