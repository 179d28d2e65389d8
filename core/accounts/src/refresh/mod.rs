//! Keeping tokens alive.

pub(super) mod refresh_time;
pub(super) mod refresher;
pub(super) mod report;
mod token_writer;
pub(super) mod turn;
