//! How somebody proves to be themselves.

pub(super) mod proof;
