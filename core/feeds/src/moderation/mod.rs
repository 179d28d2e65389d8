//! What an owner decided about single posts.

pub(super) mod change;
pub(super) mod decisions;
pub(super) mod item_moderation;
pub(super) mod pin_order;
