//! Which posts a feed shows, and why.

mod rule;
mod verdict;

pub(super) use rule::{Rule, may_fit};
pub use verdict::Reason;

#[cfg(test)]
pub(super) mod tests;
