//! Keeping tokens alive.

pub(super) mod refresher;
pub(super) mod renewal;
pub(super) mod report;
mod token_writer;
pub(super) mod turn;
