//! What the public feed routes share: who may read from where, and what a cache may keep.

pub(crate) mod conditional;
pub(crate) mod cors;
