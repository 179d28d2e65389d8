//! Passwords: what is taken for one, how it is hashed, and how a forgotten one is replaced.

pub(super) mod choice;
pub(super) mod current;
pub(super) mod hash;
pub(super) mod recovery;
pub(super) mod rules;
pub(super) mod strength;
pub(super) mod threads;
