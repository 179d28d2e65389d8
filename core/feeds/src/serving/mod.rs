//! From a question to the bytes of an answer, from memory when warm.

pub(super) mod body_cache;
pub(super) mod cache;
pub(super) mod content_source;
pub(super) mod encoding;
pub(super) mod loader;
pub(super) mod main_feed;
pub(super) mod page_body;
pub(super) mod page_maker;
mod processor_work;
pub(super) mod reader;
pub(super) mod render_pool;
pub(super) mod response;
pub(super) mod unpacked_contents;
