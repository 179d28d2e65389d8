//! What a visitor gets.

use crate::{
    Encoding,
    pages::rendition::{Rendition, Variant},
    serving::cache::CachedContent,
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
    pub(crate) rendition: Arc<Rendition>,
    /// What was asked for; small pages are plain all the same.
    pub(crate) encoding: Encoding,
    /// Whether the content is known to be right at this moment.
    pub(crate) is_current: bool,
}

/// A page that was served, to be served once more while it is in memory: it keeps nothing there.
pub struct WeakFeedResponse {
    held: Weak<CachedContent>,
    rendition: Weak<Rendition>,
    encoding: Encoding,
}

impl WeakFeedResponse {
    pub(crate) fn upgrade(&self) -> Option<(Arc<CachedContent>, Arc<Rendition>, Encoding)> {
        Some((self.held.upgrade()?, self.rendition.upgrade()?, self.encoding))
    }
}

impl FeedResponse {
    /// What is needed to serve it once more, through [`FeedReader::serve_again`](crate::FeedReader::serve_again).
    #[must_use]
    pub fn before(&self) -> WeakFeedResponse {
        WeakFeedResponse {
            held: Arc::downgrade(&self.held),
            rendition: Arc::downgrade(&self.rendition),
            encoding: self.encoding,
        }
    }

    fn variant(&self) -> &Variant {
        self.rendition.compressed_or_plain(self.encoding)
    }

    /// The bytes.
    #[must_use]
    pub fn body(&self) -> Bytes {
        self.variant().body.clone()
    }

    /// How the bytes are packed.
    #[must_use]
    pub fn encoding(&self) -> Encoding {
        self.variant().encoding
    }

    /// Their media type.
    #[must_use]
    pub fn content_type(&self) -> &'static str {
        self.rendition.content_type()
    }

    /// Strong entity tag of these bytes, with its quotes.
    #[must_use]
    pub fn etag(&self) -> &str {
        &self.variant().etag
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
