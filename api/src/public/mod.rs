//! What the public feed routes share: who may read from where, and what a cache may keep.

mod answer;
mod at_hand;
pub(crate) mod conditional;
pub(crate) mod cors;
pub(crate) mod encoding;
mod generations;
pub(crate) mod rate_limit;
mod recall;
mod visit;

pub use at_hand::AtHand;
pub(crate) use at_hand::AtHandFirst;
pub(crate) use visit::visit;
