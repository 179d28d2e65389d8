//! How somebody proves to be themselves.

pub(super) mod login;
pub(super) mod proof;
