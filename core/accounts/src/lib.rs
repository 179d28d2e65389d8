//! Connected accounts: what is known of them, and the two jobs that keep them alive.

mod accounts;
pub mod callbacks;
mod calls;
pub mod connections;
mod incidents;
mod job_run;
pub mod jobs;
mod reason;
mod refresh;
mod run_error;
mod run_lease;
mod schedule;
mod status_rules;
mod sync;

pub use accounts::{AccountChange, AccountDetail, AccountError, Accounts, Quota};
pub use calls::call_budget::CallBudget;
pub use calls::call_error::CallError;
pub use calls::cooldowns::{CooldownList, CooldownScope, Cooldowns};
pub use calls::gateway::Calls;
pub use incidents::breaker::Breaker;
pub use incidents::incident::Incidents;
pub use job_run::{RunContext, RunParts};
pub use reason::Reason;
pub use refresh::refresher::Refresher;
pub use refresh::report::RefreshReport;
pub use run_error::RunError;
pub(crate) use schedule::spread;
pub use schedule::{
    AccountCounts, Cadence, Due, DueSummary, PauseError, PauseList, PauseScope, PauseState, Pauses, Repaired,
    Schedule, TOKEN_GROUPS, Waiting,
};
pub use status_rules::StatusRules;
pub(crate) use status_rules::ask_for_attention;
pub use sync::report::SyncReport;
pub use sync::syncer::Syncer;
