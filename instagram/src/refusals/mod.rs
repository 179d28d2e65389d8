//! What Instagram answers when it does not, and what that means.

pub(crate) mod classification;
pub(crate) mod envelope;
pub(crate) mod refused_field;
