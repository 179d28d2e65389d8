//! Email addresses, and the links that prove them.

pub(super) mod address;
pub(super) mod confirmation;
pub(super) mod links;
pub(super) mod unverified_takeover;
