//! Passwords: what is taken for one, how it is hashed, and how a forgotten one is replaced.

pub(super) mod choice;
pub(super) mod confirmation;
pub(super) mod hasher;
pub(super) mod rules;
pub(super) mod strength;
pub(super) mod threads;
