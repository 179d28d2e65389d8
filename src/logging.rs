//! What is written about the running: to standard error, for people on a terminal and as JSON elsewhere.

use std::env;
use std::io::{self, IsTerminal};

use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::fmt;

use crate::config::LogFormat;
use crate::failure::Failure;

/// Variable that chooses what is logged.
const VARIABLE: &str = "VITRINE_LOG";
/// Ours from `info`, everybody else's from `warn`.
const DEFAULT: &str = "warn,vitrine=info";

/// Starts logging for the rest of the process.
///
/// # Errors
/// When the filter in [`VARIABLE`] cannot be read, or logging was started before.
pub(crate) fn start(format: Option<LogFormat>) -> Result<(), Failure> {
    let lines = fmt().with_env_filter(filter()?).with_writer(io::stderr);
    let started = match format.unwrap_or_else(fitting) {
        LogFormat::Text => lines.with_ansi(io::stderr().is_terminal()).try_init(),
        LogFormat::Json => lines.json().flatten_event(true).try_init(),
    };
    started.map_err(|error| Failure::start(format!("cannot start logging: {error}")))
}

fn filter() -> Result<EnvFilter, Failure> {
    let wanted = env::var(VARIABLE).ok().filter(|text| !text.is_empty());
    EnvFilter::try_new(wanted.as_deref().unwrap_or(DEFAULT))
        .map_err(|error| Failure::configuration(format!("{VARIABLE}: {error}")))
}

fn fitting() -> LogFormat {
    if io::stderr().is_terminal() {
        LogFormat::Text
    } else {
        LogFormat::Json
    }
}
