//! Connected accounts: what is known of them, and the two jobs that keep them alive.

mod app_quiet;
mod breaker;
pub mod callbacks;
mod calls;
pub mod connections;
mod digest;
mod error;
mod incident;
pub mod jobs;
mod left_out;
mod library;
mod post_rows;
mod proof;
mod purse;
mod quiets;
mod reading;
mod refresh;
mod refresh_turn;
mod renewal;
mod run;
mod schedule;
mod service;
mod sync;
mod sync_group;
mod sync_turn;
mod verdict;
mod witnesses;

pub use breaker::Breaker;
pub use calls::{CallError, Calls};
pub use error::AccountError;
pub use incident::Incidents;
pub use purse::Purse;
pub use quiets::{QuietList, QuietScope, Quiets};
pub use refresh::{RefreshReport, Refresher};
pub use run::{RunContext, RunError, RunParts};
pub(crate) use schedule::spread;
pub use schedule::{
    Cadence, Census, Due, Glance, PauseError, PauseList, PauseScope, PauseState, Pauses, Repaired, Schedule,
    TOKEN_GROUPS, Waiting,
};
pub use service::{AccountChange, AccountDetail, Accounts, Quota};
pub use sync::{SyncReport, Syncer};
pub use verdict::Verdicts;
pub(crate) use verdict::{TOKEN_SHORT_LIVED, ask_for_attention};
