//! What an owner decided about single posts.

pub(super) mod decisions;
pub(super) mod items;
pub(super) mod pin;
