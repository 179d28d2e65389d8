//! One struct per section. A setting that is not here does not exist, and a section refuses unknown keys.

mod development;
mod feeds;
mod instagram;
mod people;
mod process;
mod retention;
mod security;
mod server;
mod storage;
mod work;

use std::num::{NonZeroU32, NonZeroUsize};

use serde::{Deserialize, Serialize};

use development::{DemoSection, SimulatorSection};
use feeds::FeedsSection;
use instagram::InstagramSection;
use people::{MailSection, SignupSection};
pub(crate) use process::LogFormat;
use process::{LoggingSection, ShutdownSection};
use retention::{AuditSection, DeletionSection, HistorySection};
use security::SecuritySection;
use server::ServerSection;
use storage::{DatabaseSection, RedisSection, StorageSection};
use work::{ScheduleSection, WorkerSection};

/// Everything that can be configured.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Settings {
    /// Addresses and files of this process.
    pub(crate) server: ServerSection,
    /// Where everything is kept.
    pub(crate) database: DatabaseSection,
    /// What several processes share besides the database.
    pub(crate) redis: RedisSection,
    /// The key to everything that is sealed or signed.
    pub(crate) security: SecuritySection,
    /// The app that is registered with Meta.
    pub(crate) instagram: InstagramSection,
    /// When accounts are looked at.
    pub(crate) schedule: ScheduleSection,
    /// How jobs are run.
    pub(crate) worker: WorkerSection,
    /// How feeds are served.
    pub(crate) feeds: FeedsSection,
    /// What is remembered of jobs.
    pub(crate) history: HistorySection,
    /// The audit log.
    pub(crate) audit: AuditSection,
    /// The end of tenants.
    pub(crate) deletion: DeletionSection,
    /// Who may register.
    pub(crate) signup: SignupSection,
    /// The demo that `up` brings.
    pub(crate) demo: DemoSection,
    /// Outgoing mail.
    pub(crate) mail: MailSection,
    /// Where pictures are kept.
    pub(crate) storage: StorageSection,
    /// The local Instagram for development.
    pub(crate) simulator: SimulatorSection,
    /// What is written about the running.
    pub(crate) logging: LoggingSection,
    /// How the process ends.
    pub(crate) shutdown: ShutdownSection,
}

fn count(value: usize) -> NonZeroUsize {
    NonZeroUsize::new(value).unwrap_or(NonZeroUsize::MIN)
}

fn number(value: u32) -> NonZeroU32 {
    NonZeroU32::new(value).unwrap_or(NonZeroU32::MIN)
}
