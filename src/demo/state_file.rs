//! What the demo remembers over restarts, in a file for its owner alone.

use std::fs;
use std::io::ErrorKind;
use std::net::SocketAddr;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::config::Settings;
use crate::data_directory::private_file;
use crate::failure::Failure;
use vitrine_base::random;

/// Address of the demo's person.
pub(super) const EMAIL: &str = "demo@vitrine.example";
const PASSWORD_LENGTH: usize = 20;

/// Login, key and port of the demo.
#[derive(Clone, Deserialize, Serialize)]
pub(super) struct DemoState {
    /// Address to log in with.
    pub(super) email: String,
    /// Password to log in with.
    pub(super) password: String,
    /// The publishable key, once it is made.
    #[serde(default)]
    pub(super) key: Option<String>,
    /// Where the simulator was found when its own port was taken.
    #[serde(default)]
    pub(super) moved: Option<Moved>,
}

/// A simulator that is not where it was configured.
#[derive(Clone, Copy, Deserialize, Serialize)]
pub(super) struct Moved {
    /// The configured address.
    pub(super) from: SocketAddr,
    /// Where it runs.
    pub(super) to: SocketAddr,
}

impl DemoState {
    /// A new login; nothing is written yet.
    pub(super) fn new() -> Self {
        Self {
            email: EMAIL.to_owned(),
            password: password(),
            key: None,
            moved: None,
        }
    }

    /// What was kept, or nothing at the first start.
    ///
    /// # Errors
    /// When the file can be read by others or is damaged.
    pub(super) fn read(settings: &Settings) -> Result<Option<Self>, Failure> {
        let path = path(settings);
        let Some(text) = private_file::read(&path)? else {
            return Ok(None);
        };
        serde_json::from_str(&text)
            .map(Some)
            // What the parser says could repeat the password.
            .map_err(|_| Failure::start(format!("{} is damaged; remove it", path.display())))
    }

    /// Keeps this.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub(super) fn write(&self, settings: &Settings) -> Result<(), Failure> {
        let text = serde_json::to_string_pretty(self)
            .map_err(|error| Failure::because("cannot write down the demo", &error))?;
        private_file::replace(&path(settings), &text)
    }
}

/// Forgets what was kept; twice is safe.
///
/// # Errors
/// When the file cannot be removed.
pub(super) fn forget(settings: &Settings) -> Result<(), Failure> {
    let path = path(settings);
    match fs::remove_file(&path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(Failure::because(
            format!("cannot remove {}", path.display()),
            &error,
        )),
        _ => Ok(()),
    }
}

fn path(settings: &Settings) -> PathBuf {
    settings.server.data_dir.join("demo.json")
}

fn password() -> String {
    random::alphanumeric(PASSWORD_LENGTH)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_is_read_back() {
        let directory = tempfile::tempdir().unwrap();
        let mut settings = Settings::default();
        settings.server.data_dir = directory.path().join("data");
        assert!(DemoState::read(&settings).unwrap().is_none());

        let demo_state = DemoState::new();
        demo_state.write(&settings).unwrap();

        assert_eq!(
            DemoState::read(&settings).unwrap().unwrap().password,
            demo_state.password
        );
        assert_ne!(DemoState::new().password, demo_state.password);
    }
}
