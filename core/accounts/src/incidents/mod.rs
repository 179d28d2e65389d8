//! When Instagram refuses most accounts: the trouble of the app, not theirs.

mod app_cooldown;
pub(super) mod breaker;
mod breaker_state;
pub(super) mod cooldown_span;
pub(super) mod incident;
pub(super) mod probe_candidates;
pub(super) mod proof;
mod rollback;
pub(super) mod stagger;
mod trouble;
