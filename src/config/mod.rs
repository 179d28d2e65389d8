//! The configuration: built-in defaults, then `vitrine.toml`, then the environment, then flags.

mod addresses;
mod check;
mod durations;
mod layers;
mod lists;
mod parsers;
mod secrets;
mod sections;
pub(crate) mod warnings;

use std::path::PathBuf;
use std::time::Duration;

use secrecy::SecretString;
use vitrine_base::security::{MasterKey, MasterKeys};
use vitrine_instagram::ClientSettings;

pub(crate) use addresses::reachable;
pub(crate) use layers::Flags;
pub(crate) use secrets::SecretUrl;
pub(crate) use sections::{LogFormat, Settings};

use crate::failure::Failure;

/// How long an `api` still takes requests after SIGTERM.
const DRAIN: Duration = Duration::from_secs(5);

/// Longest part of the grace that is kept for the end.
const LAST_WORDS: Duration = Duration::from_secs(4);

impl Settings {
    /// Reads every source and refuses what cannot be right, whatever the role.
    ///
    /// # Errors
    /// [`Failure::Configuration`] with one line per problem.
    pub(crate) fn load(flags: &Flags) -> Result<Self, Failure> {
        let settings = layers::read(flags)?;
        settings.check()?;
        Ok(settings)
    }

    /// `database.url`, or a SQLite file in the data directory.
    pub(crate) fn database_url(&self) -> SecretUrl {
        match &self.database.url {
            Some(url) => url.clone(),
            None => SecretUrl::sqlite_file(&self.server.data_dir.join("vitrine.db")),
        }
    }

    /// Where `up` keeps the master key that it made.
    pub(crate) fn master_key_file(&self) -> PathBuf {
        self.server.data_dir.join("master.key")
    }

    /// This master key, and those that it takes the place of.
    pub(crate) fn master_keys(&self, current: MasterKey) -> MasterKeys {
        MasterKeys {
            current,
            previous: self.security.previous_master_keys.clone(),
        }
    }

    /// Where emails go without a mail server.
    pub(crate) fn mail_directory(&self) -> PathBuf {
        self.mail
            .outbox
            .clone()
            .unwrap_or_else(|| self.server.data_dir.join("outbox"))
    }

    /// Where the simulator that this process runs keeps its state.
    pub(crate) fn simulator_file(&self) -> PathBuf {
        self.server.data_dir.join("simulator.json")
    }

    /// What the Instagram client is built from; nothing when no app is configured.
    pub(crate) fn instagram_client(&self) -> Option<ClientSettings> {
        let section = &self.instagram;
        match (&section.client_id, &section.client_secret) {
            (Some(id), Some(secret)) => Some(section.client(id.clone(), secret.clone())),
            _ => None,
        }
    }

    /// Whether `up` brings its own Instagram and a demo tenant: `demo.enabled`, or when no app is configured.
    pub(crate) fn demo_enabled(&self) -> bool {
        self.demo
            .enabled
            .unwrap_or_else(|| self.instagram_client().is_none())
    }

    /// How long an `api` still takes requests after SIGTERM.
    pub(crate) fn drain_time(&self) -> Duration {
        self.shutdown.drain.unwrap_or(DRAIN)
    }

    /// How long requests and jobs have to finish then; what is left of `shutdown.grace` is for giving back what was
    /// cut off.
    pub(crate) fn finish_time(&self) -> Duration {
        let grace = self.shutdown.grace;
        grace - (grace / 4).min(LAST_WORDS)
    }

    /// The configuration with every default that depends on others filled in, as TOML. Secrets are
    /// replaced by `[set]` or `[not set]`.
    ///
    /// # Errors
    /// When a path is not text.
    pub(crate) fn to_toml(&self) -> Result<String, Failure> {
        let mut shown = self.clone();
        shown.server.public_url = Some(self.public_url()?);
        shown.server.metrics_listen = Some(self.metrics_listen());
        shown.database.url = Some(self.database_url());
        shown.demo.enabled = Some(self.demo_enabled());
        shown.mail.outbox.get_or_insert(self.mail_directory());
        let client = self.instagram.client(String::new(), SecretString::default());
        shown.instagram.authorize_url = Some(client.authorize_url);
        shown.instagram.token_url = Some(client.token_url);
        shown.instagram.graph_url = Some(client.graph_url);
        toml::to_string(&shown)
            .map_err(|error| Failure::start(format!("cannot print the configuration: {error}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_drains_for_five_seconds_unless_it_is_told_otherwise() {
        let mut settings = Settings::default();
        assert_eq!(settings.drain_time(), Duration::from_secs(5));

        settings.shutdown.drain = Some(Duration::ZERO);

        assert_eq!(settings.drain_time(), Duration::ZERO);
    }
}
