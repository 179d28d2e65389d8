//! What a feed shows.

use crate::{FeedCursor, Item, MEDIA_TYPES, Position, content::sequence::Sequence};
use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};
use vitrine_entity::{FeedId, TenantId, account, feed, media};

/// Which content.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct ContentKey {
    pub(crate) tenant: TenantId,
    pub(crate) feed: FeedId,
    /// Only posts of this type.
    pub(crate) media_type: Option<&'static str>,
    /// Only older ones than are held otherwise.
    pub(crate) older: Option<Older>,
}

/// What lies behind a content, for visitors who page on there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Older {
    /// Behind this place, which the post and the picture of it have.
    pub(crate) than: (Position, u16),
    /// The content that it belongs to: once that is another, this is too.
    pub(crate) of: u64,
}

impl ContentKey {
    /// What a feed shows.
    pub(crate) fn of(tenant: TenantId, feed: FeedId) -> Self {
        Self {
            tenant,
            feed,
            media_type: None,
            older: None,
        }
    }
}

/// What is said about a feed, apart from its entries.
#[derive(Debug)]
pub(crate) struct ContentHeader {
    /// Tells this content from every other that this process has loaded.
    pub(crate) number: u64,
    pub(crate) feed: feed::Model,
    /// The feed's accounts, the first connected first.
    pub(crate) accounts: Vec<account::Model>,
    /// Entries that are held, also those that the limit cuts off.
    pub(crate) entries: usize,
    /// About how many bytes of memory it takes together with its entries.
    pub(crate) weight: usize,
}

/// A feed's entries and everything that is said about them, whatever the form.
#[derive(Debug)]
pub(crate) struct FeedContent {
    pub(crate) header: Arc<ContentHeader>,
    pub(crate) sequence: Sequence,
}

/// A page of more bytes takes a thread that answers others milliseconds to write. A grid of fifty posts stays below it.
const LARGE: usize = 128 * 1024;

static LOADED: AtomicU64 = AtomicU64::new(0);
/// Numbers that a content takes: its own, and one for each type that may be picked out of it.
const NUMBERS: u64 = MEDIA_TYPES.len() as u64 + 1;

impl ContentHeader {
    /// Whose feed it is, as far as one account can stand for all.
    pub(crate) fn profile(&self) -> Option<&account::Model> {
        self.accounts.first()
    }

    /// That account, if it goes by this id: its own, or one that an app of Instagram's knows it by.
    pub(crate) fn account_known_by(&self, id: &str) -> Option<&account::Model> {
        self.profile().filter(|account| {
            let scoped = [&account.app_scoped_id, &account.exchange_user_id];
            account.platform_user_id == id || scoped.into_iter().flatten().any(|known| known == id)
        })
    }

    /// Whether an answer of so many entries takes long to make: thousands of emoji in each caption do.
    pub(crate) fn makes_large_pages(&self, entries: usize) -> bool {
        self.weight / self.entries.max(1) * entries > LARGE
    }

    /// Whether all entries together take long to pack and to unpack.
    pub(crate) fn is_large(&self) -> bool {
        self.weight > LARGE
    }

    /// About how many bytes of memory it takes itself.
    pub(crate) fn own_weight(&self) -> usize {
        (self.accounts.len() + 1) * 2_048
    }
}

impl FeedContent {
    /// Puts a content together.
    pub(crate) fn new(feed: feed::Model, accounts: Vec<account::Model>, sequence: Sequence) -> Self {
        let number = LOADED.fetch_add(NUMBERS, Ordering::Relaxed);
        Self::numbered(number, feed, accounts, sequence)
    }

    fn numbered(number: u64, feed: feed::Model, accounts: Vec<account::Model>, sequence: Sequence) -> Self {
        let mut header = ContentHeader {
            number,
            feed,
            accounts,
            entries: sequence.held().count(),
            weight: 0,
        };
        header.weight = header.own_weight() + sequence.held().map(weight).sum::<usize>();
        Self {
            header: Arc::new(header),
            sequence,
        }
    }

    /// What has to be read besides for the page of at most `most` entries that begins at a bookmark, because more
    /// arrived since than is held beyond the feed's limit.
    pub(crate) fn missing_for(&self, start: FeedCursor, most: u32) -> Option<Older> {
        let than = self.sequence.missing_after(start, most)?;
        let of = self.header.number;
        Some(Older { than, of })
    }

    /// The same with entries of one type only: as much as can be told without the database. It has the same number each
    /// time, so that the bytes made of it are found again.
    pub(crate) fn narrowed(&self, media_type: &str) -> Self {
        let place = (1..).zip(MEDIA_TYPES).find(|(_, known)| *known == media_type);
        let header = &self.header;
        Self::numbered(
            header.number + place.map_or(0, |(place, _)| place),
            header.feed.clone(),
            header.accounts.clone(),
            self.sequence.narrowed(media_type),
        )
    }
}

/// About how many bytes of memory an entry takes.
fn weight(item: &Item) -> usize {
    let post = &item.post;
    let texts = [
        &post.caption,
        &post.media_url,
        &post.thumbnail_url,
        &post.permalink,
    ];
    let texts: usize = texts.into_iter().flatten().map(String::len).sum();
    let children = post.children.0.len() * 1_024;
    size_of::<Item>() + size_of::<media::Model>() + texts + children + item.caption.html.len() * 2
}
