//! Pages for people: the root, the description of the API, what emails lead to, what a problem means.

pub(crate) mod docs;
pub(crate) mod email;
pub(crate) mod index;
pub(crate) mod problems;
pub(crate) mod style;
