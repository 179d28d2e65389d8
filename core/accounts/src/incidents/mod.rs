//! When Instagram refuses most accounts: the trouble of the app, not theirs.

mod app_quiet;
pub(super) mod breaker;
mod breaker_state;
pub(super) mod incident;
pub(super) mod probe_candidates;
pub(super) mod proof;
pub(super) mod quiet_span;
mod rollback;
pub(super) mod stagger;
mod trouble;
