//! What the public feed routes share: who may read from where, and what a cache may keep.

mod answer;
pub(crate) mod cors_headers;
mod fast_path;
mod generational_cache;
mod response_cache;
mod serve_feed;

pub(crate) use fast_path::FastPath;
pub(crate) use serve_feed::serve_feed;
