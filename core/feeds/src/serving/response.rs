//! What a visitor gets.

use crate::{
    Encoding,
    serving::{cache::CachedContent, page_body::PageBody},
};
use bytes::Bytes;
use std::{
    sync::{Arc, Weak},
    time::Duration,
};
use vitrine_base::clock::until;
use vitrine_entity::{Time, feed};

/// A page of a feed, ready to be sent.
pub struct FeedResponse {
    pub(crate) held: Arc<CachedContent>,
    pub(crate) body: Arc<PageBody>,
    /// Whether the content is known to be right at this moment.
    pub(crate) is_current: bool,
}

/// A page that was served, to be served once more while it is in memory: it keeps nothing there.
pub struct WeakFeedResponse {
    held: Weak<CachedContent>,
    body: Weak<PageBody>,
}

impl WeakFeedResponse {
    pub(crate) fn upgrade(&self) -> Option<(Arc<CachedContent>, Arc<PageBody>)> {
        Some((self.held.upgrade()?, self.body.upgrade()?))
    }
}

impl FeedResponse {
    /// What is needed to serve it once more, through [`FeedReader::serve_again`](crate::FeedReader::serve_again).
    #[must_use]
    pub fn before(&self) -> WeakFeedResponse {
        WeakFeedResponse {
            held: Arc::downgrade(&self.held),
            body: Arc::downgrade(&self.body),
        }
    }

    /// The bytes.
    #[must_use]
    pub fn body(&self) -> Bytes {
        self.body.bytes.clone()
    }

    /// How the bytes are packed; small pages are plain, whatever was asked for.
    #[must_use]
    pub fn encoding(&self) -> Encoding {
        self.body.encoding
    }

    /// Their media type.
    #[must_use]
    pub fn content_type(&self) -> &'static str {
        self.body.content_type
    }

    /// Strong entity tag of these bytes, with its quotes.
    #[must_use]
    pub fn etag(&self) -> &str {
        &self.body.etag
    }

    /// When the feed's content last changed.
    #[must_use]
    pub fn last_modified(&self) -> Time {
        self.held.copy.header.feed.content_changed_at
    }

    /// How long a browser may keep it.
    #[must_use]
    pub fn cache_seconds(&self) -> u32 {
        u32::try_from(self.held.copy.header.feed.cache_seconds).unwrap_or(0)
    }

    /// How long ago it was last known to be right: no time, while the database answers and news of every change come.
    #[must_use]
    pub fn age(&self, now: Time) -> Duration {
        match self.is_current {
            true => Duration::ZERO,
            false => until(self.held.checked_at(), now),
        }
    }

    /// The feed.
    #[must_use]
    pub fn feed(&self) -> &feed::Model {
        &self.held.copy.header.feed
    }
}
