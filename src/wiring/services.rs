//! The rules over their engines.

use std::sync::Arc;

use vitrine_accounts::jobs::{JobQueue, JobRequests};
use vitrine_accounts::{Accounts, Breaker, Cadence, Calls};
use vitrine_api::Probe;
use vitrine_base::clock::SharedClock;
use vitrine_base::database::Database;
use vitrine_base::security::Vault;
use vitrine_feeds::ChangeEvents;
use vitrine_instagram::Client;
use vitrine_limits::traffic::Traffic;
use vitrine_limits::usage::UsageCounter;
use vitrine_people::audit::AuditLog;
use vitrine_people::identity::Identity;
use vitrine_people::mail::Mailer;
use vitrine_tenancy::idempotency::Idempotency;
use vitrine_worker::QueueAdapter;

use super::identity::identity;
use super::limits::{budget, traffic};
use super::mail;
use super::parts::Parts;
use super::probes::probes;
use crate::config::Settings;
use crate::failure::Failure;

/// The rules' parts that several services share.
pub(crate) struct Services {
    pub(crate) parts: Parts,
    pub(super) breaker: Breaker,
    pub(super) calls: Calls,
    pub(super) cadence: Cadence,
    pub(crate) changes: ChangeEvents,
    pub(super) requests: JobRequests,
    pub(crate) accounts: Arc<Accounts>,
    pub(crate) traffic: Traffic,
    pub(crate) usage_counter: UsageCounter,
    pub(crate) identity: Arc<Identity>,
    pub(super) mailer: Mailer,
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
            identity: Arc::new(identity(settings, &parts)),
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

    /// Looks at what no process can do without; all who get them share what they find.
    pub(crate) fn probes(&self) -> Vec<Probe> {
        self.probes.clone()
    }

    pub(super) fn audit_log(&self) -> AuditLog {
        AuditLog::new(self.database(), self.clock(), &self.parts.master)
    }

    pub(super) fn idempotency(&self) -> Idempotency {
        Idempotency::new(self.database(), self.clock(), &self.parts.ring)
    }

    /// Ends what runs in the background, and then closes the database, behind everything that used it.
    pub(crate) async fn close(&self) {
        self.parts.tasks.end().await;
        self.parts.engines.close().await;
    }

    /// The database; clones share the pool.
    pub(crate) fn database(&self) -> Database {
        self.parts.engines.database.clone()
    }

    /// Where time comes from.
    pub(crate) fn clock(&self) -> SharedClock {
        Arc::clone(&self.parts.clock)
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

/// News of other processes are heard for as long as this one runs.
fn changes(settings: &Settings, parts: &Parts) -> ChangeEvents {
    let Some(redis) = &parts.engines.redis else {
        return match parts.alone {
            true => ChangeEvents::in_process(),
            false => ChangeEvents::without_remote_events(),
        };
    };
    let changes = ChangeEvents::over_redis(redis.clone(), &settings.redis.prefix);
    parts.tasks.spawn(changes.clone().listen());
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
