//! When Instagram refuses most accounts: the trouble of the app, not theirs.

pub(super) mod breaker;
pub(super) mod incident;
pub(super) mod probe_candidates;
pub(super) mod proof;
