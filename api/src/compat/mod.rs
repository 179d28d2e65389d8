//! Answers in the shapes of others, for scripts that were written for them.

pub(crate) mod behold;
