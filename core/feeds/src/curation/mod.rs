//! Which posts a feed shows, and why.

pub(super) mod case_folding;
mod reason;
mod rule;

pub use reason::Reason;
pub(super) use rule::{Rule, may_fit};

#[cfg(test)]
pub(super) mod tests;
