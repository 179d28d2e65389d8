//! What a worker process works with, and how.

use std::{num::NonZeroU32, sync::Arc, time::Duration};
use vitrine_accounts::{
    Incidents, Refresher, Schedule, Syncer,
    callbacks::Deletions,
    jobs::{JobClass, JobHistory},
};
use vitrine_base::{clock::SharedClock, security::Resealer};
use vitrine_people::{audit::AuditLog, identity::SessionAdmin, mail::Mailer};
use vitrine_tenancy::{idempotency::Idempotency, retention::Retention, tenants::TaskRunner};

/// Everything that the handlers work with.
#[derive(Clone)]
pub struct Context {
    /// Copies posts.
    pub syncer: Syncer,
    /// Renews tokens.
    pub refresher: Refresher,
    /// Writes down how runs end.
    pub history: JobHistory,
    /// Takes back what an incident of the app did to accounts.
    pub incidents: Incidents,
    /// Exports and deletes tenants.
    pub tenant_tasks: TaskRunner,
    /// Who did what.
    pub audit_log: Arc<AuditLog>,
    /// Sign-ins that ended long ago.
    pub ended_sessions: SessionAdmin,
    /// What else has ended.
    pub retention: Retention,
    /// First answers to named requests.
    pub idempotency: Arc<Idempotency>,
    /// Deletes what Meta orders to be deleted.
    pub deletions: Deletions,
    /// Seals again what a retired key sealed.
    pub resealer: Resealer,
    /// Finds what is due.
    pub schedule: Schedule,
    /// Sends emails.
    pub mailer: Mailer,
    /// Where time comes from.
    pub clock: SharedClock,
}

/// How a worker process works.
#[derive(Clone, Copy, Debug)]
pub struct WorkerSettings {
    /// Syncs at once; a quarter as many refreshes and as many jobs that a person waits for come on top.
    pub concurrency: usize,
    /// How often the schedule is asked.
    pub tick: Duration,
    /// Syncs that the schedule hands out in a second at most, so that a catch-up is no stampede.
    pub syncs_per_second: NonZeroU32,
    /// How long ended jobs are kept in the history.
    pub keep_history: Duration,
    /// How long entries of the audit log are kept.
    pub keep_audit_log: Duration,
    /// A job whose process died is delivered again after this time.
    pub lease: Duration,
    /// Wait before the second try; doubles with each, up to five minutes.
    pub first_retry: Duration,
    /// How long running jobs have to finish once the process is asked to stop.
    pub grace: Duration,
}

impl WorkerSettings {
    /// Jobs of a class at once. Each class has hands of its own, so that none waits for another.
    pub(crate) fn concurrency_of(&self, class: JobClass) -> usize {
        match class {
            JobClass::Sync => self.concurrency.max(1),
            JobClass::Refresh | JobClass::Interactive => self.concurrency.div_ceil(4).max(1),
        }
    }
}
