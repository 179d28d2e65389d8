//! The rules over their engines.

use std::sync::Arc;

use url::Url;
use vitrine_accounts::callbacks::{CallbackSettings, Callbacks, Deletions};
use vitrine_accounts::connections::{ConnectionSettings, Connections};
use vitrine_accounts::jobs::{JobHistory, JobQueue, JobRequests, Jobs};
use vitrine_accounts::{
    Accounts, Breaker, Cadence, Calls, Incidents, Refresher, RunParts, Schedule, StatusRules, Syncer,
};
use vitrine_api::{
    App, FastPathMetrics, InFlight, LogThrottle, Probe, ProbeError, Stop, TrustedProxies, Unsent,
};
use vitrine_base::clock::SharedClock;
use vitrine_base::database::Database;
use vitrine_base::database::WriteProbe;
use vitrine_base::security::{KeyRing, MasterKey, Resealer, Vault};
use vitrine_feeds::keys::ApiKeys;
use vitrine_feeds::{ChangeEvents, FeedReader, Feeds, ReaderSettings};
use vitrine_instagram::{Client, ClientSettings};
use vitrine_limits::budget::{Budget, BudgetLimits, MemoryBudget, RedisBudget, SharedBudget};
use vitrine_limits::plans::Plans;
use vitrine_limits::traffic::{QuotaPool, Traffic, TrafficLimits};
use vitrine_limits::usage::{UsageCounter, UsageReports};
use vitrine_people::audit::AuditLog;
use vitrine_people::identity::{AttemptCounter, Identity, IdentitySettings, SessionAdmin};
use vitrine_people::mail::{Mailer, Outbox};
use vitrine_people::teams::Teams;
use vitrine_tenancy::idempotency::Idempotency;
use vitrine_tenancy::retention::Retention;
use vitrine_tenancy::tenants::{TaskRunner, TenantDeleter, TenantTasks};
use vitrine_worker::{Context, QueueAdapter};

use super::engines::Engines;
use super::{mail, schema};
use crate::config::Settings;
use crate::failure::Failure;

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
    /// Whether no other process changes the database.
    pub(crate) alone: bool,
}

/// The rules' parts that several services share.
pub(crate) struct Services {
    pub(crate) parts: Parts,
    breaker: Breaker,
    calls: Calls,
    cadence: Cadence,
    pub(crate) changes: ChangeEvents,
    requests: JobRequests,
    pub(crate) accounts: Arc<Accounts>,
    pub(crate) traffic: Traffic,
    pub(crate) usage_counter: UsageCounter,
    mailer: Mailer,
    probes: Vec<Probe>,
}

impl Services {
    /// Puts the rules on their engines.
    ///
    /// # Errors
    /// When the Instagram client cannot be built, or emails cannot leave as configured.
    pub(crate) fn new(settings: &Settings, parts: Parts) -> Result<Self, Failure> {
        let client = Client::new(parts.instagram.clone())
            .map_err(|error| Failure::because("cannot talk to Instagram", &error))?;
        let budget = budget(settings, &parts);
        let changes = changes(settings, &parts);
        let cadence = cadence(settings);
        let jobs: Arc<dyn JobQueue> = Arc::new(QueueAdapter(parts.engines.queue.clone()));
        let requests = JobRequests::new(Arc::clone(&parts.clock), Arc::clone(&jobs));
        let accounts = Accounts::new(
            parts.engines.database.clone(),
            Arc::clone(&parts.clock),
            &parts.master,
            requests.clone(),
            Arc::clone(&budget),
            cadence,
            settings.instagram.calls_per_hour,
            changes.clone(),
        );
        let breaker = Breaker::new(parts.engines.database.clone(), Arc::clone(&parts.clock));
        let usage_counter = UsageCounter::new(parts.engines.database.clone(), Arc::clone(&parts.clock));
        let calls = Calls::new(
            client,
            budget,
            breaker.clone(),
            Arc::clone(&parts.clock),
            settings.worker.confirm_after,
        )
        .counted_by(usage_counter.clone());
        Ok(Self {
            probes: probes(&parts.engines.database, &jobs),
            traffic: traffic(settings, &parts),
            usage_counter,
            mailer: mailer(settings, &parts)?,
            breaker,
            calls,
            cadence,
            changes,
            requests,
            accounts: Arc::new(accounts),
            parts,
        })
    }

    /// People and their sign-ins.
    pub(crate) fn identity(&self, settings: &Settings) -> Identity {
        let wanted = IdentitySettings {
            issuer: self.parts.public_url.to_string(),
            signup_enabled: settings.signup.enabled,
            registrations_per_hour: settings.signup.per_network_per_hour,
        };
        let counter = attempt_counter(settings, &self.parts.engines);
        Identity::new(self.database(), self.clock(), &self.parts.ring, counter, wanted)
    }

    /// API keys.
    pub(crate) fn keys(&self) -> ApiKeys {
        let changes = self.changes.clone();
        ApiKeys::new(self.database(), self.clock(), &self.parts.master, changes)
    }

    /// Members and invitations.
    fn teams(&self, identity: &Arc<Identity>) -> Teams {
        Teams::new(
            self.database(),
            self.clock(),
            &self.parts.master,
            Arc::clone(identity),
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

    /// Feeds as visitors see them.
    pub(crate) fn feed_reader(&self, settings: &Settings) -> FeedReader {
        let wanted = ReaderSettings {
            public_url: self.parts.public_url.clone(),
            cache_bytes: settings.feeds.cache_bytes.get(),
        };
        FeedReader::new(
            self.database(),
            self.clock(),
            &self.parts.master,
            &self.changes,
            wanted,
        )
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

    /// What the handlers of requests work with.
    pub(crate) fn app(&self, settings: &Settings) -> App {
        let identity = Arc::new(self.identity(settings));
        App {
            clock: self.clock(),
            teams: Arc::new(self.teams(&identity)),
            identity,
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
            fast_path_metrics: FastPathMetrics::new(),
            in_flight: InFlight::default(),
            unsent: Unsent::default(),
            log_throttle: LogThrottle::default(),
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

    /// Looks at what no process can do without; all who get them share what they find.
    pub(crate) fn probes(&self) -> Vec<Probe> {
        self.probes.clone()
    }

    /// What the handlers of jobs work with.
    pub(crate) fn worker_context(&self) -> Context {
        Context {
            syncer: Syncer::new(self.run_parts(), self.changes.clone()),
            refresher: Refresher::new(self.run_parts()),
            history: JobHistory::new(self.database(), self.clock()),
            tenant_tasks: self.task_runner(),
            audit_log: Arc::new(self.audit_log()),
            idempotency: Arc::new(self.idempotency()),
            ended_sessions: SessionAdmin::new(self.database(), self.clock()),
            retention: Retention::new(self.database(), self.clock()),
            deletions: Deletions::new(self.database(), self.clock(), self.changes.clone()),
            resealer: Resealer::new(self.database(), Vault::new(&self.parts.ring)),
            incidents: self.incidents(),
            schedule: Schedule::new(self.database(), self.clock(), self.cadence),
            mailer: self.mailer.clone(),
            clock: self.clock(),
        }
    }

    fn audit_log(&self) -> AuditLog {
        AuditLog::new(self.database(), self.clock(), &self.parts.master)
    }

    fn idempotency(&self) -> Idempotency {
        Idempotency::new(self.database(), self.clock(), &self.parts.ring)
    }

    fn task_runner(&self) -> TaskRunner {
        let eraser = TenantDeleter::new(self.database(), self.clock(), self.changes.clone());
        TaskRunner::new(self.database(), self.clock(), &self.parts.ring, eraser)
    }

    fn run_parts(&self) -> RunParts {
        RunParts {
            database: self.database(),
            clock: self.clock(),
            vault: Vault::new(&self.parts.ring),
            calls: self.calls.clone(),
            status_rules: self.status_rules(),
            cadence: self.cadence,
        }
    }

    /// The database; clones share the pool.
    pub(crate) fn database(&self) -> Database {
        self.parts.engines.database.clone()
    }

    /// Where time comes from.
    pub(crate) fn clock(&self) -> SharedClock {
        Arc::clone(&self.parts.clock)
    }

    fn incidents(&self) -> Incidents {
        Incidents::new(self.database(), self.clock(), self.breaker.clone())
    }

    fn status_rules(&self) -> StatusRules {
        StatusRules::new(self.database(), self.clock(), self.incidents())
    }
}

/// Processes that share a Redis count failed sign-ins together.
fn attempt_counter(settings: &Settings, engines: &Engines) -> AttemptCounter {
    match &engines.redis {
        Some(redis) => AttemptCounter::over_redis(redis.clone(), &settings.redis.prefix),
        None => AttemptCounter::alone(),
    }
}

fn mailer(settings: &Settings, parts: &Parts) -> Result<Mailer, Failure> {
    Ok(Mailer::new(
        parts.engines.database.clone(),
        Arc::clone(&parts.clock),
        &Vault::new(&parts.ring),
        mail::transport(settings, &parts.public_url)?,
        mail::mail_files(settings),
        mail::sender(settings)?,
        settings.worker.first_retry,
    ))
}

fn probes(database: &Database, jobs: &Arc<dyn JobQueue>) -> Vec<Probe> {
    let (migrated, jobs) = (database.clone(), Arc::clone(jobs));
    let writes = Arc::new(WriteProbe::new(database.clone()));
    vec![
        Probe::new("database", move || {
            let writes = Arc::clone(&writes);
            async move { writes.check().await }
        }),
        Probe::new("migrations", move || {
            let database = migrated.clone();
            async move { schema_fits(&database).await }
        }),
        Probe::new("queue", move || {
            let jobs = Arc::clone(&jobs);
            async move { jobs.ping().await }
        }),
    ]
}

async fn schema_fits(database: &Database) -> Result<(), ProbeError> {
    let standing = schema::read(database).await?;
    match (standing.pending.len(), standing.must_know) {
        (0, None) => Ok(()),
        (0, Some(migration)) => Err(format!("a newer version applied {migration}").into()),
        (count, _) => Err(format!("{count} migrations are pending").into()),
    }
}

fn budget(settings: &Settings, parts: &Parts) -> Arc<dyn Budget> {
    let limits = BudgetLimits {
        token_calls_per_hour: settings.instagram.calls_per_hour,
        app_calls_per_hour: settings.instagram.app_calls_per_hour,
    };
    let clock = Arc::clone(&parts.clock);
    match &parts.engines.redis {
        Some(redis) => {
            let connection = redis.clone();
            let shared = RedisBudget::new(connection, &settings.redis.prefix, Arc::clone(&clock), limits);
            Arc::new(SharedBudget::new(shared, clock, limits))
        }
        None => Arc::new(MemoryBudget::new(clock, limits)),
    }
}

/// What visitors may ask for; processes that share a Redis share the count.
fn traffic(settings: &Settings, parts: &Parts) -> Traffic {
    let quota_pool = match &parts.engines.redis {
        Some(redis) => QuotaPool::over_redis(redis.clone(), &settings.redis.prefix),
        None => QuotaPool::Alone,
    };
    let limits = TrafficLimits {
        requests_per_minute: settings.feeds.requests_per_minute,
        requests_per_day: settings.feeds.requests_per_day,
    };
    let database = parts.engines.database.clone();
    Traffic::new(database, Arc::clone(&parts.clock), quota_pool, limits)
}

/// News of other processes are heard for as long as this one runs.
fn changes(settings: &Settings, parts: &Parts) -> ChangeEvents {
    let Some(redis) = &parts.engines.redis else {
        return match parts.alone {
            true => ChangeEvents::in_process(),
            false => ChangeEvents::without_remote_events(),
        };
    };
    let changes = ChangeEvents::over_redis(redis.clone(), &settings.redis.prefix);
    tokio::spawn(changes.clone().listen());
    changes
}

/// How often things are done.
pub(crate) fn cadence(settings: &Settings) -> Cadence {
    Cadence {
        sync_every: settings.schedule.sync_every,
        refresh_every: settings.schedule.refresh_every,
        refresh_min_age: settings.schedule.refresh_min_age,
    }
}

/// As many as take about a thirtieth of the memory that feeds may take, shared by the threads that answer.
fn cached_responses(settings: &Settings) -> usize {
    const EACH: u64 = 30 * 1_024;
    let most = usize::try_from(settings.feeds.cache_bytes.get() / EACH).unwrap_or(usize::MAX);
    most / settings.server.threads()
}
