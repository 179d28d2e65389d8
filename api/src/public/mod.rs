//! What the public feed routes share: who may read from where, and what a cache may keep.

mod answer;
pub(crate) mod conditional;
pub(crate) mod cors;
mod encoding;
mod rate_limit;
mod visit;

pub(crate) use visit::visit;
