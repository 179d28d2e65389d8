//! Calls to Instagram: what they cost, and when none are made.

mod answers;
pub(super) mod call_budget;
pub(super) mod call_error;
pub(super) mod cooldowns;
pub(super) mod gateway;
pub(super) mod skipped_fields;
