//! What the handlers of jobs work with.

use std::sync::Arc;

use vitrine_accounts::callbacks::Deletions;
use vitrine_accounts::jobs::JobHistory;
use vitrine_accounts::{Incidents, Refresher, RunParts, Schedule, StatusRules, Syncer};
use vitrine_base::security::{Resealer, Vault};
use vitrine_people::identity::SessionAdmin;
use vitrine_tenancy::retention::Retention;
use vitrine_tenancy::tenants::{TaskRunner, TenantDeleter};
use vitrine_worker::Context;

use super::services::Services;

impl Services {
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

    fn incidents(&self) -> Incidents {
        Incidents::new(self.database(), self.clock(), self.breaker.clone())
    }

    fn status_rules(&self) -> StatusRules {
        StatusRules::new(self.database(), self.clock(), self.incidents())
    }
}
