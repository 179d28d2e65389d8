//! What the handlers work with.

use crate::{
    probe::Probe,
    transport::{InFlight, Stop, TrustedProxies, Unsent},
};
use std::sync::Arc;
use url::Url;
use vitrine_accounts::{Accounts, callbacks::Callbacks, connections::Connections, jobs::Jobs};
use vitrine_base::clock::SharedClock;
use vitrine_feeds::{FeedReader, Feeds, keys::ApiKeys};
use vitrine_limits::{plans::Plans, traffic::Traffic, usage::UsageReports};
use vitrine_people::{audit::AuditLog, identity::Identity, teams::Teams};
use vitrine_tenancy::{idempotency::Idempotency, tenants::TenantTasks};

/// Everything that a handler can reach, built once.
pub struct App {
    /// Where time comes from.
    pub clock: SharedClock,
    /// People, tenants and sign-ins.
    pub identity: Arc<Identity>,
    /// Who did what.
    pub audit_log: Arc<AuditLog>,
    /// First answers to named requests.
    pub idempotency: Arc<Idempotency>,
    /// Exports and deletions of whole tenants.
    pub tenant_tasks: Arc<TenantTasks>,
    /// Members and invitations.
    pub teams: Arc<Teams>,
    /// What tenants may have.
    pub plans: Plans,
    /// What tenants used.
    pub usage: UsageReports,
    /// API keys.
    pub api_keys: Arc<ApiKeys>,
    /// Connected accounts.
    pub accounts: Arc<Accounts>,
    /// What Meta calls.
    pub callbacks: Arc<Callbacks>,
    /// Connecting accounts.
    pub connections: Arc<Connections>,
    /// The history of jobs.
    pub jobs: Arc<Jobs>,
    /// Feeds, for their owner's eyes.
    pub feeds: Arc<Feeds>,
    /// Feeds, for visitors.
    pub feed_reader: FeedReader,
    /// What visitors may ask for, and asked for.
    pub traffic: Traffic,
    /// What runs, whether somebody waits for it or not.
    pub in_flight: InFlight,
    /// Whether the server stops.
    pub stop: Stop,
    /// What clients have not read yet.
    pub unsent: Unsent,
    /// What the operator decided.
    pub settings: Settings,
    /// The parts that have to work before traffic is welcome.
    pub probes: Vec<Probe>,
}

/// What the operator decided about the surface.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where the server is reached from outside.
    pub public_url: Url,
    /// Whether strangers may register.
    pub signup_enabled: bool,
    /// Whose word about a client's address is taken.
    pub trusted_proxies: TrustedProxies,
    /// Answers that each thread keeps in mind, about a kilobyte each.
    pub cached_responses: usize,
}

impl Settings {
    /// Whether the server is reached over TLS.
    pub(crate) fn is_over_tls(&self) -> bool {
        self.public_url.scheme() == "https"
    }

    /// The path that the server is shown at, without a slash at its end; empty at the root of its host.
    pub(crate) fn path(&self) -> &str {
        self.public_url.path().trim_end_matches('/')
    }
}
