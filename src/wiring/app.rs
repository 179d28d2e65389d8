//! What the handlers of requests work with.

use std::sync::Arc;

use vitrine_accounts::callbacks::{CallbackSettings, Callbacks};
use vitrine_accounts::connections::{ConnectionSettings, Connections};
use vitrine_accounts::jobs::Jobs;
use vitrine_api::{App, InFlight, Stop, TrustedProxies, Unsent};
use vitrine_base::security::Vault;
use vitrine_feeds::keys::ApiKeys;
use vitrine_feeds::{FeedReader, Feeds, ReaderSettings};
use vitrine_limits::plans::Plans;
use vitrine_limits::usage::UsageReports;
use vitrine_people::mail::Outbox;
use vitrine_people::teams::Teams;
use vitrine_tenancy::tenants::TenantTasks;

use super::services::Services;
use crate::config::Settings;

impl Services {
    /// What the handlers of requests work with.
    pub(crate) fn app(&self, settings: &Settings) -> App {
        App {
            clock: self.clock(),
            teams: Arc::new(self.teams()),
            identity: Arc::clone(&self.identity),
            plans: Plans::new(self.database(), self.clock()),
            usage: UsageReports::new(self.database(), self.clock()),
            audit_log: Arc::new(self.audit_log()),
            idempotency: Arc::new(self.idempotency()),
            tenant_tasks: Arc::new(self.tenant_tasks(settings)),
            api_keys: Arc::new(self.keys()),
            accounts: Arc::clone(&self.accounts),
            callbacks: Arc::new(self.callbacks(settings)),
            connections: Arc::new(self.connections(settings)),
            jobs: Arc::new(self.job_list()),
            feeds: Arc::new(self.feeds()),
            feed_reader: self.feed_reader(settings),
            in_flight: InFlight::default(),
            unsent: Unsent::default(),
            stop: Stop::default(),
            traffic: self.traffic.clone(),
            settings: vitrine_api::Settings {
                public_url: self.parts.public_url.clone(),
                signup_enabled: settings.signup.enabled,
                trusted_proxies: TrustedProxies::new(settings.server.trusted_proxies.clone()),
                cached_responses: cached_responses(settings),
            },
            probes: self.probes(),
        }
    }

    /// API keys; change events of other processes are followed in the background.
    pub(crate) fn keys(&self) -> ApiKeys {
        let changes = self.changes.clone();
        let (keys, following) = ApiKeys::new(self.database(), self.clock(), &self.parts.master, changes);
        self.parts.tasks.spawn(following);
        keys
    }

    /// Members and invitations.
    fn teams(&self) -> Teams {
        Teams::new(
            self.database(),
            self.clock(),
            &self.parts.master,
            Arc::clone(&self.identity),
            Outbox::new(&Vault::new(&self.parts.ring)),
            self.parts.public_url.clone(),
        )
    }

    /// Logins with Instagram.
    pub(crate) fn connections(&self, settings: &Settings) -> Connections {
        let wanted = ConnectionSettings {
            public_url: self.parts.public_url.clone(),
            redirect_uris: settings.instagram.redirect_uris.clone(),
        };
        Connections::new(
            self.database(),
            self.clock(),
            &self.parts.ring,
            self.calls.clone(),
            self.requests.clone(),
            Arc::clone(&self.accounts),
            self.changes.clone(),
            self.cadence,
            wanted,
        )
    }

    /// What Meta calls.
    pub(crate) fn callbacks(&self, settings: &Settings) -> Callbacks {
        let app = std::iter::once(self.parts.instagram.client_secret.clone());
        let wanted = CallbackSettings {
            secrets: app.chain(settings.instagram.meta_app_secret.clone()).collect(),
            verify_token: settings.instagram.webhook_verify_token.clone(),
        };
        Callbacks::new(self.database(), self.clock(), wanted)
    }

    /// Feeds as their owners see them.
    pub(crate) fn feeds(&self) -> Feeds {
        Feeds::new(
            self.database(),
            self.clock(),
            &self.parts.master,
            self.changes.clone(),
        )
    }

    /// Feeds as visitors see them; change events are followed in the background.
    pub(crate) fn feed_reader(&self, settings: &Settings) -> FeedReader {
        let wanted = ReaderSettings {
            public_url: self.parts.public_url.clone(),
            cache_bytes: settings.feeds.cache_bytes.get(),
        };
        let (reader, following) = FeedReader::new(
            self.database(),
            self.clock(),
            &self.parts.master,
            &self.changes,
            wanted,
        );
        self.parts.tasks.spawn(following);
        reader
    }

    /// The history of jobs as their owners see it.
    pub(crate) fn job_list(&self) -> Jobs {
        Jobs::new(
            self.database(),
            self.clock(),
            &self.parts.master,
            self.requests.clone(),
        )
    }

    /// Exports and deletions as owners ask for them.
    fn tenant_tasks(&self, settings: &Settings) -> TenantTasks {
        TenantTasks::new(
            self.database(),
            self.clock(),
            &self.parts.ring,
            settings.deletion.grace,
        )
    }
}

/// As many as take about a thirtieth of the memory that feeds may take, shared by the threads that answer.
fn cached_responses(settings: &Settings) -> usize {
    const EACH: u64 = 30 * 1_024;
    let most = usize::try_from(settings.feeds.cache_bytes.get() / EACH).unwrap_or(usize::MAX);
    most / settings.server.threads()
}
