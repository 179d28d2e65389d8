//! Pages for people: the description of the API, what emails lead to, what a problem means.

pub(crate) mod docs;
pub(crate) mod email;
pub(crate) mod problems;
