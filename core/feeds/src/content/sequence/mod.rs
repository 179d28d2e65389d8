//! The entries of a feed in order, and its pages.

mod packed;
#[cfg(test)]
mod tests;
mod walk;

use crate::{FeedCursor, Item, Pin, Position};
pub(crate) use packed::PackedSequence;
use vitrine_entity::Time;
use walk::{Walk, is_from};

/// The entries of a feed: those in order of time, and those that stand at a place of their own.
#[derive(Debug, Default)]
pub(crate) struct Sequence {
    chronological: Vec<Item>,
    pinned: Vec<Pinned>,
    limit: u32,
    /// Whether the library may hold more that flows, behind the last entry.
    more: bool,
}

/// An entry at a place of its own.
#[derive(Clone, Debug)]
struct Pinned {
    /// Its place among all, from 1. Where the feed is shorter it stands last.
    place: u32,
    key: (Pin, u16),
    item: Item,
}

/// One page of a feed.
#[derive(Debug)]
pub(crate) struct FeedPage<'a> {
    /// Its entries.
    pub(crate) items: Vec<&'a Item>,
    /// Where it begins.
    pub(crate) start: FeedCursor,
    /// Where the next one begins; none at the end.
    pub(crate) next: Option<FeedCursor>,
}

impl Sequence {
    /// A sequence of entries that are newest first, and of pinned ones; `limit` bounds all together.
    ///
    /// Entries that want the same place stand behind each other.
    pub(crate) fn new(chronological: Vec<Item>, pinned: Vec<Item>, limit: u32) -> Self {
        let with_key = |item: Item| item.pinned_place().map(|key| (key, item));
        let mut pinned: Vec<_> = pinned.into_iter().filter_map(with_key).collect();
        pinned.sort_by_key(|(key, _)| *key);
        let mut free = 1;
        // Settled once and for all pins, so that a page that begins between two of them agrees with the one before.
        let settle = |(key, item): ((Pin, u16), Item)| {
            let place = key.0.place.max(free);
            free = place + 1;
            Pinned { place, key, item }
        };
        Self {
            chronological,
            pinned: pinned.into_iter().map(settle).collect(),
            limit,
            more: false,
        }
    }

    /// The same; `more` says whether the library may hold more behind its last entry that is not pinned.
    pub(crate) fn with_more(self, more: bool) -> Self {
        Self { more, ..self }
    }

    /// Behind which place more has to be read for the page of at most `most` entries that begins at a bookmark; none
    /// where what is held is enough, as it always is for the first pages.
    pub(crate) fn missing_after(&self, start: FeedCursor, most: u32) -> Option<(Position, u16)> {
        let behind = start.behind.filter(|_| self.more)?;
        let mut walk = Walk::from(self, start);
        // One entry more than the page has tells whether another page follows.
        for _ in 0..=most {
            if walk.is_at_loss() {
                return Some(behind);
            }
            walk.step()?;
        }
        None
    }

    /// The page of at most `most` entries that begins at a bookmark.
    pub(crate) fn page(&self, start: FeedCursor, most: u32) -> FeedPage<'_> {
        let mut walk = Walk::from(self, start);
        let mut items = Vec::new();
        while items.len() < most as usize {
            match walk.step() {
                Some(item) => items.push(item),
                None => break,
            }
        }
        FeedPage {
            items,
            start,
            next: walk.peek().is_some().then_some(walk.at),
        }
    }

    /// The page of at most `most` entries that ends before a bookmark. Whatever came or went since the
    /// bookmark was made, nothing of the page that begins there is on it.
    pub(crate) fn page_before(&self, end: FeedCursor, most: u32) -> FeedPage<'_> {
        let mut walk = Walk::from(self, FeedCursor::default());
        // Later pins belong to the page that begins there, wherever a walk from the start would meet them.
        walk.last_pinned = self.pinned_until(end);
        let mut before = vec![];
        while let Some(item) = walk
            .peek()
            .filter(|item| item.pin.is_some() || !is_from(item, end))
        {
            before.push((walk.at, item));
            walk.step();
        }
        let start = before.len().saturating_sub(most as usize);
        FeedPage {
            start: before.get(start).map(|(at, _)| *at).unwrap_or_default(),
            items: before[start..].iter().map(|(_, item)| *item).collect(),
            next: Walk::from(self, end).peek().is_some().then_some(end),
        }
    }

    /// Every entry that the feed shows.
    pub(crate) fn items(&self) -> Vec<&Item> {
        self.page(FeedCursor::default(), self.limit).items
    }

    /// What the feed shows, as far as it was posted at moments that fit.
    pub(crate) fn shown_where(&self, fits: impl Fn(Time) -> bool) -> Self {
        let shown = self.items().into_iter().filter(|item| fits(item.post.posted_at));
        let (pinned, chronological) = shown.cloned().partition(|item: &Item| item.pin.is_some());
        Self::new(chronological, pinned, self.limit)
    }

    /// The same with entries of one type only.
    pub(crate) fn narrowed(&self, media_type: &str) -> Self {
        let fits = |item: &Item| item.media_type() == media_type;
        Self {
            chronological: self
                .chronological
                .iter()
                .filter(|item| fits(item))
                .cloned()
                .collect(),
            pinned: self
                .pinned
                .iter()
                .filter(|pinned| fits(&pinned.item))
                .cloned()
                .collect(),
            limit: self.limit,
            more: self.more,
        }
    }

    /// How many pinned entries come before a bookmark.
    fn pinned_until(&self, at: FeedCursor) -> usize {
        at.pinned
            .map_or(0, |last| self.pinned.partition_point(|pinned| pinned.key <= last))
    }

    /// All entries that are held, also those that the limit cuts off.
    pub(crate) fn held(&self) -> impl Iterator<Item = &Item> {
        self.chronological
            .iter()
            .chain(self.pinned.iter().map(|pinned| &pinned.item))
    }
}
