//! What an owner chose for a feed.

pub(super) mod default_feed;
pub(super) mod feed_settings;
pub(super) mod word_change;
