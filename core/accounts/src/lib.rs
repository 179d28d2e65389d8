//! Connected accounts: what is known of them, and the two jobs that keep them alive.

mod account_reader;
mod app_quiet;
mod breaker;
mod call_budget;
pub mod callbacks;
mod calls;
pub mod connections;
mod digest;
mod error;
mod incident;
mod job_run;
pub mod jobs;
mod post_rows;
mod probe_candidates;
mod proof;
mod quiets;
mod reconcile;
mod refresh;
mod refresh_turn;
mod renewal;
mod schedule;
mod service;
mod skipped_fields;
mod status_rules;
mod sync;
mod sync_batch;
mod sync_turn;

pub use breaker::Breaker;
pub use call_budget::CallBudget;
pub use calls::{CallError, Calls};
pub use error::AccountError;
pub use incident::Incidents;
pub use job_run::{RunContext, RunError, RunParts};
pub use quiets::{QuietList, QuietScope, Quiets};
pub use refresh::{RefreshReport, Refresher};
pub(crate) use schedule::spread;
pub use schedule::{
    AccountCounts, Cadence, Due, DueSummary, PauseError, PauseList, PauseScope, PauseState, Pauses, Repaired,
    Schedule, TOKEN_GROUPS, Waiting,
};
pub use service::{AccountChange, AccountDetail, Accounts, Quota};
pub use status_rules::StatusRules;
pub(crate) use status_rules::{TOKEN_SHORT_LIVED, ask_for_attention};
pub use sync::{SyncReport, Syncer};
