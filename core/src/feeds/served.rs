//! What a visitor gets.

use super::{
    Encoding,
    cache::Held,
    rendition::{Rendition, Variant},
};
use bytes::Bytes;
use std::sync::Arc;
use vitrine_entity::Time;

/// A page of a feed, ready to be sent.
#[derive(Clone, Debug)]
pub struct Served {
    pub(super) held: Arc<Held>,
    pub(super) rendition: Arc<Rendition>,
    pub(super) variant: Variant,
}

impl Served {
    /// The bytes.
    #[must_use]
    pub fn body(&self) -> Bytes {
        self.variant.body.clone()
    }

    /// How the bytes are packed.
    #[must_use]
    pub fn encoding(&self) -> Encoding {
        self.variant.encoding
    }

    /// Their media type.
    #[must_use]
    pub fn content_type(&self) -> &'static str {
        self.rendition.content_type()
    }

    /// Strong entity tag of these bytes, with its quotes.
    #[must_use]
    pub fn etag(&self) -> &str {
        &self.variant.etag
    }

    /// When the feed's content last changed.
    #[must_use]
    pub fn last_modified(&self) -> Time {
        self.held.content.feed.content_changed_at
    }

    /// How long a browser may keep it.
    #[must_use]
    pub fn cache_seconds(&self) -> u32 {
        u32::try_from(self.held.content.feed.cache_seconds).unwrap_or(0)
    }

    /// When it was last known to be right.
    #[must_use]
    pub fn checked_at(&self) -> Time {
        self.held.checked_at()
    }

    /// Origins it may be read from; empty means any.
    #[must_use]
    pub fn allowed_origins(&self) -> &[String] {
        &self.held.content.feed.allowed_origins.0
    }
}
