//! What is written about the running: to standard error, for people on a terminal and as JSON elsewhere.

use std::env;
use std::io::{self, IsTerminal};

use chrono::SecondsFormat;
use serde_json::json;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::fmt;
use vitrine_base::clock::{Clock, SystemClock};

use crate::arguments::Role;
use crate::config::LogFormat;
use crate::failure::Failure;

/// Variable that chooses what is logged.
const VARIABLE: &str = "VITRINE_LOG";
/// Variable of `logging.format`.
const FORMAT_VARIABLE: &str = "VITRINE_LOGGING__FORMAT";
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

/// How a process says why it ends: as it logs, so that whoever reads the log can read this too. Commands for people
/// answer people. Settings that cannot be read choose nothing, but for what stands in the environment.
pub(crate) fn format_at_exit(role: &Role, chosen: Option<Option<LogFormat>>) -> LogFormat {
    match role {
        Role::CheckConfig | Role::Healthcheck | Role::Admin(_) => LogFormat::Text,
        Role::Up | Role::Api | Role::Worker | Role::Migrate | Role::Simulator => {
            chosen.unwrap_or_else(in_environment).unwrap_or_else(fitting)
        }
    }
}

fn in_environment() -> Option<LogFormat> {
    match env::var(FORMAT_VARIABLE).ok()?.as_str() {
        "text" => Some(LogFormat::Text),
        "json" => Some(LogFormat::Json),
        _ => None,
    }
}

/// Why a process ends, as one line.
pub(crate) fn exit_message(line: &str, format: LogFormat) -> String {
    match format {
        LogFormat::Text => format!("vitrine: {line}"),
        LogFormat::Json => {
            let now = SystemClock.now().to_rfc3339_opts(SecondsFormat::Micros, true);
            json!({"timestamp": now, "level": "ERROR", "message": line, "fatal": true, "target": "vitrine"})
                .to_string()
        }
    }
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
