//! Keeping tokens alive.

pub(super) mod refresher;
pub(super) mod renewal;
pub(super) mod turn;
