//! Feeds, and the keys that open them.

pub mod api_key;
pub mod feed;
pub mod feed_account;
pub mod feed_item;
