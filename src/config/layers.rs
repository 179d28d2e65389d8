//! Reading the sources in their order and saying which one is at fault.

use std::collections::HashMap;
use std::env;
use std::path::{Path, PathBuf};

use clap::Args;
use config::{Config, ConfigError, Environment, File, FileFormat};

use super::Settings;
use crate::failure::Failure;

/// Where settings are looked for when no file is named.
const DEFAULT_FILE: &str = "vitrine.toml";
/// What every variable begins with. Only those with `__` further on are settings.
const PREFIX: &str = "VITRINE_";

/// Flags that every role understands. They win over the environment and the file.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct Flags {
    /// Settings file [default: ./vitrine.toml if it exists]
    #[arg(long, value_name = "FILE", global = true, env = "VITRINE_CONFIG")]
    pub(crate) config: Option<PathBuf>,
    /// Address and port of the API, or of the simulator in its own role
    #[arg(long, value_name = "ADDRESS", global = true)]
    pub(crate) listen: Option<String>,
    /// Address at which browsers reach this server
    #[arg(long, value_name = "URL", global = true)]
    pub(crate) public_url: Option<String>,
    /// Directory of all files
    #[arg(long, value_name = "DIRECTORY", global = true)]
    pub(crate) data_dir: Option<String>,
    /// postgres://… or sqlite://… (put passwords into the environment instead: other users can see flags)
    #[arg(long, value_name = "URL", global = true)]
    pub(crate) database_url: Option<String>,
    /// redis://… or rediss://…; for a cluster, redis+cluster://… or rediss+cluster://…
    #[arg(long, value_name = "URL", global = true)]
    pub(crate) redis_url: Option<String>,
    /// text or json
    #[arg(long, value_name = "FORMAT", global = true)]
    pub(crate) log_format: Option<String>,
    /// The setting that `--listen` stands for.
    #[arg(skip)]
    pub(crate) listen_is_simulators: bool,
}

impl Flags {
    fn settings(&self) -> impl Iterator<Item = (&'static str, &'static str, &String)> {
        let listen = if self.listen_is_simulators {
            "simulator.listen"
        } else {
            "server.listen"
        };
        [
            (listen, "--listen", &self.listen),
            ("server.public_url", "--public-url", &self.public_url),
            ("server.data_dir", "--data-dir", &self.data_dir),
            ("database.url", "--database-url", &self.database_url),
            ("redis.url", "--redis-url", &self.redis_url),
            ("logging.format", "--log-format", &self.log_format),
        ]
        .into_iter()
        .filter_map(|(key, flag, value)| value.as_ref().map(|value| (key, flag, value)))
    }
}

/// Reads defaults, file, environment and flags, the later over the earlier.
pub(super) fn read(flags: &Flags) -> Result<Settings, Failure> {
    let file = file(flags)?;
    let mut origins = Origins {
        file: file.clone(),
        keys: HashMap::new(),
    };
    let environment = environment(&mut origins)?;
    let mut sources = Config::builder();
    if let Some(path) = file {
        sources = sources.add_source(File::from(path).format(FileFormat::Toml));
    }
    sources = sources.add_source(environment);
    for (key, flag, value) in flags.settings() {
        origins.keys.insert(key.to_owned(), flag.to_owned());
        sources = sources
            .set_override(key, value.as_str())
            .map_err(|error| origins.explain(error))?;
    }
    let merged = sources.build().map_err(|error| origins.explain(error))?;
    merged.try_deserialize().map_err(|error| origins.explain(error))
}

fn file(flags: &Flags) -> Result<Option<PathBuf>, Failure> {
    match &flags.config {
        Some(path) if path.is_file() => Ok(Some(path.clone())),
        Some(path) => Err(Failure::configuration(format!(
            "there is no settings file {}",
            path.display()
        ))),
        None => Ok(Some(PathBuf::from(DEFAULT_FILE)).filter(|path| path.is_file())),
    }
}

/// The variables that are settings. Empty ones count as not set, as Compose files leave them.
fn environment(origins: &mut Origins) -> Result<Environment, Failure> {
    let mut found = config::Map::new();
    for (name, value) in env::vars_os() {
        let Some(name) = name.to_str().filter(|name| is_setting(name)) else {
            continue;
        };
        let value = value
            .into_string()
            .map_err(|_| Failure::configuration(format!("the value of {name} is not UTF-8")))?;
        let key = name[PREFIX.len()..].to_lowercase().replace("__", ".");
        origins.keys.insert(key, name.to_owned());
        found.insert(name.to_owned(), value);
    }
    let environment = Environment::with_prefix("VITRINE")
        .prefix_separator("_")
        .separator("__");
    Ok(environment.ignore_empty(true).source(Some(found)))
}

fn is_setting(name: &str) -> bool {
    name.strip_prefix(PREFIX).is_some_and(|rest| rest.contains("__"))
}

/// Which source gave which key; what is not listed came from the file.
struct Origins {
    file: Option<PathBuf>,
    keys: HashMap<String, String>,
}

impl Origins {
    fn explain(&self, error: ConfigError) -> Failure {
        Failure::configuration(match error {
            ConfigError::FileParse { cause, .. } => self.broken_file(&cause.to_string()),
            ConfigError::At { error, key, .. } => self.complaint(key.as_deref(), &error.to_string()),
            ConfigError::Type {
                unexpected,
                expected,
                key,
                ..
            } => self.complaint(key.as_deref(), &format!("expected {expected}, got {unexpected}")),
            other => self.complaint(None, &other.to_string()),
        })
    }

    /// Keeps the place and the reason, and leaves out the line itself, which may hold a secret.
    fn broken_file(&self, cause: &str) -> String {
        let lines: Vec<&str> = cause.lines().filter(|line| !line.trim().is_empty()).collect();
        let (first, last) = (lines.first().unwrap_or(&""), lines.last().unwrap_or(&""));
        let place = first
            .strip_prefix("TOML parse error at ")
            .unwrap_or("an unknown place");
        format!("{} is not TOML: {last} at {place}", self.file_name())
    }

    fn complaint(&self, key: Option<&str>, message: &str) -> String {
        if let Some((name, known)) = unknown_field(message) {
            let full = key.map_or_else(|| name.to_owned(), |section| format!("{section}.{name}"));
            return format!(
                "unknown setting {full} (from {}); known are {known}",
                self.origin(&full)
            );
        }
        match key {
            Some(key) => format!("{key}: {message} (from {})", self.origin(key)),
            None => message.to_owned(),
        }
    }

    /// A variable may go deeper than the section that refuses it, so a longer key counts as well.
    fn origin(&self, key: &str) -> String {
        let below = format!("{key}.");
        let exact = self.keys.get(key).or_else(|| {
            self.keys
                .iter()
                .find(|(candidate, _)| candidate.starts_with(&below))
                .map(|(_, origin)| origin)
        });
        exact.cloned().unwrap_or_else(|| self.file_name())
    }

    fn file_name(&self) -> String {
        self.file
            .as_deref()
            .unwrap_or(Path::new(DEFAULT_FILE))
            .display()
            .to_string()
    }
}

/// Takes apart serde's words for a key that a section does not know.
fn unknown_field(message: &str) -> Option<(&str, String)> {
    let (name, rest) = message.strip_prefix("unknown field `")?.split_once('`')?;
    let known = rest
        .trim_start_matches(", expected ")
        .trim_start_matches("one of ")
        .replace('`', "");
    Some((name, known))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_variables_with_two_underscores_further_on_are_settings() {
        assert!(is_setting("VITRINE_SERVER__LISTEN"));
        assert!(is_setting("VITRINE__SERVER__LISTEN"));
        for other in [
            "VITRINE_LOG",
            "VITRINE_CONFIG",
            "VITRINE_TEST_POSTGRES_URL",
            "SERVER__LISTEN",
        ] {
            assert!(!is_setting(other), "{other}");
        }
    }

    #[test]
    fn a_broken_file_is_described_without_its_text() {
        let cause = toml::from_str::<toml::Table>("[instagram]\nclient_secret = hunter2\n").unwrap_err();
        let origins = Origins {
            file: None,
            keys: HashMap::new(),
        };
        let message = origins.broken_file(&cause.to_string());
        assert!(message.starts_with("vitrine.toml is not TOML: "), "{message}");
        assert!(
            message.contains("line 2, column 17") && !message.contains("hunter2"),
            "{message}"
        );
    }
}
