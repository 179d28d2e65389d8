//! Plugs pulled while work is under way. After each: everything due is handled, nothing twice at once, no
//! budget is overspent, no token is lost, and the workers work on.

mod aftermath;
mod clock;
mod clock_back;
mod disconnected;
mod network;
mod poison;
mod postgres_restarted;
mod redis_budget;
mod redis_killed;
mod redis_stalled;
mod refresh_killed;
mod two_schedulers;
mod workers_killed;

use crate::support::{Engines, Plan};

/// Calls per token and hour when a test says nothing else.
const CALLS_PER_HOUR: u64 = 200;

/// Processes apart, with no worker yet: accounts are put in first.
fn plan() -> Plan {
    let plan = Plan {
        workers: 0,
        ..Plan::on(Engines::Distributed)
    };
    plan.with("VITRINE_LOG", "warn")
        .with("VITRINE_WORKER__LEASE", "2s")
}
