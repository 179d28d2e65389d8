//! What a feed shows: its entries in order, its pages, and what is said about it.

pub(super) mod cursor;
pub(super) mod feed_content;
pub(super) mod item;
pub(super) mod mime_types;
pub(super) mod packed_content;
pub(super) mod page_size;
pub(super) mod position;
pub(super) mod reading;
#[cfg(test)]
pub(super) mod samples;
pub(super) mod select;
pub(super) mod sequence;
