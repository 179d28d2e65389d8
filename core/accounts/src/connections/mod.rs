//! Connecting accounts: OAuth with Instagram, from the consent to the first sync.

mod addresses;
mod attempt;
mod callback;
mod consent;
mod error;
mod establish;
mod flow;
mod pasted_token;
mod token;

pub use attempt::prune_attempts;
pub use callback::{CallbackOutcome, CallbackQuery};
pub use error::ConnectError;
pub use flow::{BeginConnection, StartedConnection};

use crate::{Accounts, Cadence, Calls, jobs::JobRequests};
use std::sync::Arc;
use url::Url;
use vitrine_base::{
    clock::SharedClock,
    database::Database,
    security::{KeyRing, Vault},
};
use vitrine_feeds::ChangeEvents;

/// What connecting needs to know.
#[derive(Clone, Debug)]
pub struct ConnectionSettings {
    /// Where the server is reached from outside.
    pub public_url: Url,
    /// Redirect addresses that may be used besides the built-in callback; empty means any that is
    /// safe, because Instagram itself knows which are registered.
    pub redirect_uris: Vec<String>,
}

impl ConnectionSettings {
    /// The built-in callback.
    #[must_use]
    pub fn callback(&self) -> String {
        format!(
            "{}/v1/oauth/instagram/callback",
            self.public_url.as_str().trim_end_matches('/')
        )
    }
}

/// Connects accounts.
pub struct Connections {
    database: Database,
    clock: SharedClock,
    vault: Vault,
    calls: Calls,
    requests: JobRequests,
    accounts: Arc<Accounts>,
    changes: ChangeEvents,
    cadence: Cadence,
    settings: ConnectionSettings,
    state_key: [u8; 32],
}

impl Connections {
    /// The service over its parts.
    #[must_use]
    #[expect(
        clippy::too_many_arguments,
        reason = "each is a part of its own, named at the one place of wiring"
    )]
    pub fn new(
        database: Database,
        clock: SharedClock,
        ring: &KeyRing,
        calls: Calls,
        requests: JobRequests,
        accounts: Arc<Accounts>,
        changes: ChangeEvents,
        cadence: Cadence,
        settings: ConnectionSettings,
    ) -> Self {
        Self {
            vault: Vault::new(ring),
            state_key: ring.lasting().derive("vitrine 2026 oauth states"),
            database,
            clock,
            calls,
            requests,
            accounts,
            changes,
            cadence,
            settings,
        }
    }
}
