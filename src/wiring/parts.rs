//! What everything else is put together from.

use url::Url;
use vitrine_base::clock::SharedClock;
use vitrine_base::security::{KeyRing, MasterKey};
use vitrine_instagram::ClientSettings;

use super::engines::Engines;
use crate::background_tasks::BackgroundTasks;

/// What the services are made from, besides the settings.
pub(crate) struct Parts {
    /// The database and what carries jobs.
    pub(crate) engines: Engines,
    /// Where time comes from.
    pub(crate) clock: SharedClock,
    /// The installation's own keys.
    pub(crate) ring: KeyRing,
    /// The one of them from which lasting keys are derived.
    pub(crate) master: MasterKey,
    /// How to talk to Instagram.
    pub(crate) instagram: ClientSettings,
    /// Where the outside reaches this server.
    pub(crate) public_url: Url,
    /// What runs beside them.
    pub(crate) tasks: BackgroundTasks,
    /// Whether no other process changes the database.
    pub(crate) alone: bool,
}
