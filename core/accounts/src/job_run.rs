//! What a run of a job knows and works with.

use crate::{Cadence, Calls, StatusRules, jobs::AccountJob, run_lease::LEASE};
use vitrine_base::{background::leased_work::Lease, clock::SharedClock, database::Database, security::Vault};
use vitrine_entity::Time;
use vitrine_limits::budget::CallClass;

/// What a run knows about itself.
#[derive(Clone, Copy, Debug)]
pub struct RunContext {
    /// The claim under which it works.
    pub lease: Lease,
    /// Who asked, which decides what it may spend.
    pub class: CallClass,
    /// When it began.
    pub started_at: Time,
    /// Whether somebody asked for it; then the schedule's own turn is not its to move.
    pub requested: bool,
}

impl RunContext {
    /// A run of the schedule spends less than one that a person waits for.
    pub(super) fn new(job: &AccountJob, started_at: Time, scheduled: CallClass) -> Self {
        let requested = job.job.is_some();
        let class = if requested {
            CallClass::Interactive
        } else {
            scheduled
        };
        Self {
            lease: Lease::begin(started_at, LEASE),
            class,
            started_at,
            requested,
        }
    }
}

/// What the jobs of accounts work with.
#[derive(Clone)]
pub struct RunParts {
    /// Where accounts are kept.
    pub database: Database,
    /// Where time comes from.
    pub clock: SharedClock,
    /// Opens and seals tokens.
    pub vault: Vault,
    /// Instagram, behind the budget.
    pub calls: Calls,
    /// Decides over accounts.
    pub status_rules: StatusRules,
    /// How often things are done.
    pub cadence: Cadence,
}
