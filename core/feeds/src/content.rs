//! What a feed shows.

use super::{FeedCursor, Item, MEDIA_TYPES, Position, sequence::Sequence};
use std::sync::atomic::{AtomicU64, Ordering};
use vitrine_entity::{FeedId, TenantId, account, feed, media};

/// Which content.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct ContentKey {
    pub(super) tenant: TenantId,
    pub(super) feed: FeedId,
    /// Only posts of this type.
    pub(super) media_type: Option<&'static str>,
    /// Only older ones than are held otherwise.
    pub(super) older: Option<Older>,
}

/// What lies behind a content, for visitors who page on there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Older {
    /// Behind this place, which the post and the picture of it have.
    pub(super) than: (Position, u16),
    /// The content that it belongs to: once that is another, this is too.
    pub(super) of: u64,
}

impl ContentKey {
    /// What a feed shows.
    pub(super) fn of(tenant: TenantId, feed: FeedId) -> Self {
        Self {
            tenant,
            feed,
            media_type: None,
            older: None,
        }
    }
}

/// A feed's entries and everything that is said about them, whatever the form.
#[derive(Debug)]
pub(super) struct FeedContent {
    /// Tells this content from every other that this process has loaded.
    pub(super) number: u64,
    pub(super) feed: feed::Model,
    /// The feed's accounts, the first connected first.
    pub(super) accounts: Vec<account::Model>,
    pub(super) sequence: Sequence,
}

/// A page of more bytes takes a thread that answers others milliseconds to write. A grid of fifty posts stays below it.
const LARGE: usize = 128 * 1024;

static LOADED: AtomicU64 = AtomicU64::new(0);
/// Numbers that a content takes: its own, and one for each type that may be picked out of it.
const NUMBERS: u64 = MEDIA_TYPES.len() as u64 + 1;

impl FeedContent {
    /// Whose feed it is, as far as one account can stand for all.
    pub(super) fn profile(&self) -> Option<&account::Model> {
        self.accounts.first()
    }

    /// Puts a content together.
    pub(super) fn new(feed: feed::Model, accounts: Vec<account::Model>, sequence: Sequence) -> Self {
        Self {
            number: LOADED.fetch_add(NUMBERS, Ordering::Relaxed),
            feed,
            accounts,
            sequence,
        }
    }

    /// What has to be read besides for the page of at most `most` entries that begins at a bookmark, because more
    /// arrived since than is held beyond the feed's limit.
    pub(super) fn missing_for(&self, start: FeedCursor, most: u32) -> Option<Older> {
        let than = self.sequence.missing_after(start, most)?;
        let of = self.number;
        Some(Older { than, of })
    }

    /// The same with entries of one type only: as much as can be told without the database. It has the same number each
    /// time, so that the bytes made of it are found again.
    pub(super) fn narrowed(&self, media_type: &str) -> Self {
        let place = (1..).zip(MEDIA_TYPES).find(|(_, known)| *known == media_type);
        Self {
            number: self.number + place.map_or(0, |(place, _)| place),
            feed: self.feed.clone(),
            accounts: self.accounts.clone(),
            sequence: self.sequence.narrowed(media_type),
        }
    }

    /// Whether an answer of so many entries takes long to make: thousands of emoji in each caption do.
    pub(super) fn makes_large_pages(&self, entries: usize) -> bool {
        let held = self.sequence.held().count().max(1);
        self.weight() / held * entries > LARGE
    }

    /// About how many bytes of memory it takes.
    pub(super) fn weight(&self) -> usize {
        let entries = self.sequence.held().map(|item| {
            let post = &item.post;
            let texts = [
                &post.caption,
                &post.media_url,
                &post.thumbnail_url,
                &post.permalink,
            ];
            let texts: usize = texts.into_iter().flatten().map(String::len).sum();
            let children: usize = post.children.0.iter().map(|_| 1_024).sum();
            size_of::<Item>() + size_of::<media::Model>() + texts + children + item.caption.html.len() * 2
        });
        entries.sum::<usize>() + self.accounts.len() * 2_048 + 2_048
    }
}
