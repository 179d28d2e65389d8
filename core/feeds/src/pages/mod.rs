//! What a page holds, and where the next one begins.

pub(super) mod content;
pub(super) mod cursor;
pub(super) mod item;
pub(super) mod packed_content;
pub(super) mod pin;
pub(super) mod position;
pub(super) mod select;
pub(super) mod sequence;
