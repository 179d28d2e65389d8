//! An account's posts as Instagram lists them.

use crate::sync::{digest, stored_posts::StoredPost};
use std::{collections::HashSet, time::Duration};
use vitrine_base::clock::later;
use vitrine_entity::Time;
use vitrine_instagram::{FieldSet, MediaItem, link_expires_at};

/// Posts of one call; the most that the edge gives.
pub(crate) const PAGE: u32 = 100;

/// Posts as Instagram lists them, newest first.
#[derive(Debug, Default)]
pub(crate) struct Listing {
    /// The posts.
    pub(crate) items: Vec<MediaItem>,
    /// Whether the list goes to the very end, so that what it lacks is gone.
    pub(crate) complete: bool,
    /// Whether entries could not be read.
    pub(crate) has_gaps: bool,
    /// What was not asked for: what is stored of it stays.
    pub(crate) unasked: FieldSet,
}

impl Listing {
    /// Digest of its newest page: the same means that nothing is new.
    pub(crate) fn digest(&self) -> String {
        digest::of_page(&self.items[..self.items.len().min(PAGE as usize)])
    }

    /// When the first of its links dies.
    pub(crate) fn links_expire_at(&self) -> Option<Time> {
        self.items
            .iter()
            .flat_map(links)
            .filter_map(link_expires_at)
            .min()
    }

    /// Posts newer than this would be on the list if they still were on Instagram. It is the last
    /// post's time and not the earliest, because a pinned old post may stand before newer ones.
    fn reaches_back_to(&self) -> Option<Time> {
        self.items.last().and_then(|item| item.timestamp)
    }

    /// The platform's ids of its posts.
    pub(crate) fn ids(&self) -> HashSet<&str> {
        self.items.iter().map(|item| item.id.as_str()).collect()
    }

    /// Whether a stored post would be on it if Instagram still had the post.
    pub(crate) fn would_hold(&self, stored: &StoredPost) -> bool {
        self.complete || self.reaches_back_to().is_some_and(|end| stored.posted_at > end)
    }
}

fn links(item: &MediaItem) -> impl Iterator<Item = &str> {
    let own = [item.media_url.as_deref(), item.thumbnail_url.as_deref()];
    let children = item
        .children
        .iter()
        .flat_map(|child| [child.media_url.as_deref(), child.thumbnail_url.as_deref()]);
    own.into_iter().chain(children).flatten()
}

/// Whether links that die at `expire_at` would be dead before the sync after next.
pub(crate) fn links_need_renewal(expire_at: Option<Time>, every: Duration, now: Time) -> bool {
    expire_at.is_some_and(|end| end < later(now, every + every / 4))
}
