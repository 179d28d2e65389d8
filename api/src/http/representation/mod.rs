//! In which form something is sent (RFC 9110, sections 8, 12 and 13): its encoding, and whether the client has it.

pub(crate) mod asset;
pub(crate) mod conditional;
pub(crate) mod encoding;
