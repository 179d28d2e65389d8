//! What the app's owner and the platform may change while everything runs: modes, dialect, registered addresses.

use std::sync::RwLock;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::locks::{read, write};
use crate::wire::Dialect;
use crate::wire::Modes;

/// The longest access token that is made.
const LONGEST_TOKEN: usize = 4_000;

/// Modes and dialect as control calls show and take them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(crate) struct ModesView {
    dialect: Dialect,
    #[serde(flatten)]
    modes: Modes,
}

/// The switches as they stand.
pub(crate) struct Switches {
    modes: RwLock<(Dialect, Modes)>,
    redirect_uris: RwLock<Vec<String>>,
}

impl Switches {
    pub(crate) fn new(dialect: Dialect, modes: Modes, redirect_uris: Vec<String>) -> Self {
        Self {
            modes: RwLock::new((dialect, modes)),
            redirect_uris: RwLock::new(redirect_uris),
        }
    }

    pub(crate) fn dialect(&self) -> Dialect {
        read(&self.modes).0
    }

    pub(crate) fn modes(&self) -> Modes {
        read(&self.modes).1
    }

    pub(crate) fn view(&self) -> ModesView {
        let (dialect, modes) = *read(&self.modes);
        ModesView { dialect, modes }
    }

    /// Puts modes and dialect to what is named, and leaves the others; all or nothing. The error says what is wrong.
    pub(crate) fn change(&self, mut named: Map<String, Value>) -> Result<ModesView, String> {
        let mut switches = write(&self.modes);
        let dialect = match named.remove("dialect") {
            Some(dialect) => Dialect::deserialize(dialect).map_err(|error| format!("dialect: {error}"))?,
            None => switches.0,
        };
        let mut all = serde_json::to_value(switches.1).map_err(|error| error.to_string())?;
        if let Value::Object(all) = &mut all {
            all.extend(named);
        }
        let modes = Modes::deserialize(all).map_err(|error| error.to_string())?;
        if modes.token_length > LONGEST_TOKEN {
            return Err(format!("token_length: at most {LONGEST_TOKEN}"));
        }
        *switches = (dialect, modes);
        Ok(ModesView { dialect, modes })
    }

    pub(crate) fn redirect_uris(&self) -> Vec<String> {
        read(&self.redirect_uris).clone()
    }

    pub(crate) fn register(&self, redirect_uris: Vec<String>) {
        *write(&self.redirect_uris) = redirect_uris;
    }

    /// Whether an address is registered, byte for byte; where none is, every one counts.
    pub(crate) fn is_registered(&self, redirect_uri: &str) -> bool {
        let registered = read(&self.redirect_uris);
        registered.is_empty() || registered.iter().any(|known| known == redirect_uri)
    }
}
