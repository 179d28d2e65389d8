//! The entries of a feed in order, and its pages.

use super::{Bookmark, Item};

/// The entries of a feed: those in order of time, and those that stand at a place of their own.
#[derive(Debug, Default)]
pub(super) struct Sequence {
    flowing: Vec<Item>,
    pinned: Vec<Pinned>,
    limit: u32,
}

/// An entry at a place of its own.
#[derive(Clone, Debug)]
pub(super) struct Pinned {
    /// The place, from 1. Where the feed is shorter it stands last.
    pub(super) place: u32,
    pub(super) item: Item,
}

/// One page of a feed.
#[derive(Debug)]
pub(super) struct FeedPage<'a> {
    /// Its entries.
    pub(super) items: Vec<&'a Item>,
    /// Where it begins.
    pub(super) start: Bookmark,
    /// Where the next one begins; none at the end.
    pub(super) next: Option<Bookmark>,
}

impl Sequence {
    /// A sequence of entries that are newest first, and of pinned ones; `limit` bounds all together.
    ///
    /// Entries that want the same place stand behind each other, in the order given.
    pub(super) fn new(flowing: Vec<Item>, mut pinned: Vec<Pinned>, limit: u32) -> Self {
        pinned.sort_by_key(|pinned| pinned.place);
        let mut free = 1;
        for pinned in &mut pinned {
            pinned.place = pinned.place.max(free);
            free = pinned.place + 1;
        }
        Self {
            flowing,
            pinned,
            limit,
        }
    }

    /// The page of at most `most` entries that begins at a bookmark.
    pub(super) fn page(&self, start: Bookmark, most: u32) -> FeedPage<'_> {
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
    pub(super) fn page_before(&self, end: Bookmark, most: u32) -> FeedPage<'_> {
        let mut walk = Walk::from(self, Bookmark::default());
        walk.most_pinned = end.pinned;
        let mut before = vec![];
        while let Some(item) = walk.peek().filter(|item| item.pinned || !is_from(item, end)) {
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
    pub(super) fn items(&self) -> Vec<&Item> {
        self.page(Bookmark::default(), self.limit).items
    }

    /// The same with entries of one type only.
    pub(super) fn narrowed(&self, media_type: &str) -> Self {
        let fits = |item: &Item| item.media_type() == media_type;
        Self {
            flowing: self.flowing.iter().filter(|item| fits(item)).cloned().collect(),
            pinned: self
                .pinned
                .iter()
                .filter(|pinned| fits(&pinned.item))
                .cloned()
                .collect(),
            limit: self.limit,
        }
    }

    /// All entries that are held, also those that the limit cuts off.
    pub(super) fn held(&self) -> impl Iterator<Item = &Item> {
        self.flowing
            .iter()
            .chain(self.pinned.iter().map(|pinned| &pinned.item))
    }
}

/// A way through a sequence.
struct Walk<'a> {
    sequence: &'a Sequence,
    next_flowing: usize,
    /// Pinned entries that are taken along.
    most_pinned: u32,
    at: Bookmark,
}

impl<'a> Walk<'a> {
    fn from(sequence: &'a Sequence, at: Bookmark) -> Self {
        let next_flowing = at.behind.map_or(0, |place| {
            sequence.flowing.partition_point(|item| !is_behind(item, place))
        });
        Self {
            sequence,
            next_flowing,
            most_pinned: u32::MAX,
            at,
        }
    }

    fn peek(&self) -> Option<&'a Item> {
        if self.at.shown >= self.sequence.limit {
            return None;
        }
        let pinned = self.sequence.pinned.get(self.at.pinned as usize);
        let pinned = pinned.filter(|_| self.at.pinned < self.most_pinned);
        let due = pinned.filter(|pinned| pinned.place <= self.at.shown + 1);
        due.map(|pinned| &pinned.item)
            .or_else(|| self.sequence.flowing.get(self.next_flowing))
            .or_else(|| pinned.map(|pinned| &pinned.item))
    }

    fn step(&mut self) -> Option<&'a Item> {
        let item = self.peek()?;
        self.next_flowing += usize::from(!item.pinned);
        self.at = self.at.past(item);
        Some(item)
    }
}

/// Whether an entry in order of time stands at a bookmark or behind it.
fn is_from(item: &Item, bookmark: Bookmark) -> bool {
    bookmark.behind.is_none_or(|place| is_behind(item, place))
}

/// Whether an entry comes after a place, in order of time and then of pictures.
fn is_behind(item: &Item, place: (super::Position, u16)) -> bool {
    is_after(item.place(), place)
}

fn is_after(this: (super::Position, u16), that: (super::Position, u16)) -> bool {
    let key = |(position, child): (super::Position, u16)| {
        (std::cmp::Reverse((position.posted_at, position.id.0)), child)
    };
    key(this) > key(that)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::feeds::{Caption, curation::tests::post};
    use chrono::TimeDelta;
    use std::sync::Arc;
    use vitrine_entity::media;

    /// Entries with captions for names, each older than the one before.
    fn flowing(names: &str) -> Vec<Item> {
        let entry = |(age, name): (usize, char)| item(name, age, false);
        names.chars().enumerate().map(entry).collect()
    }

    fn item(name: char, age: usize, pinned: bool) -> Item {
        let post = post("IMAGE", &name.to_string());
        let posted_at = chrono::DateTime::UNIX_EPOCH - TimeDelta::seconds(i64::try_from(age).unwrap());
        Item {
            post: Arc::new(media::Model { posted_at, ..post }),
            caption: Arc::new(Caption::default()),
            child: None,
            own_alt_text: None,
            pinned,
        }
    }

    fn pin(name: char, place: u32) -> Pinned {
        Pinned {
            place,
            item: item(name, 0, true),
        }
    }

    fn names(items: &[&Item]) -> String {
        items
            .iter()
            .filter_map(|item| item.post.caption.clone())
            .collect()
    }

    /// All pages of so many entries, forward.
    fn pages(sequence: &Sequence, most: u32) -> Vec<String> {
        let (mut read, mut at) = (vec![], Some(Bookmark::default()));
        while let Some(start) = at {
            let page = sequence.page(start, most);
            read.push(names(&page.items));
            at = page.next;
        }
        read
    }

    #[test]
    fn pinned_entries_stand_where_they_are_pinned_and_last_where_the_feed_is_shorter() {
        let pins = || vec![pin('Z', 90), pin('Y', 2), pin('X', 2)];

        assert_eq!(
            names(&Sequence::new(flowing("abcd"), pins(), 100).items()),
            "aYXbcdZ"
        );
        assert_eq!(names(&Sequence::new(flowing("abcd"), pins(), 4).items()), "aYXb");
        assert_eq!(names(&Sequence::new(vec![], pins(), 100).items()), "YXZ");
        assert_eq!(names(&Sequence::new(vec![], vec![], 100).items()), "");
    }

    #[test]
    fn pages_of_any_size_are_the_whole() {
        let sequence = Sequence::new(
            flowing("abcdefgh"),
            vec![pin('X', 1), pin('Y', 4), pin('Z', 50)],
            10,
        );

        for size in 1..12 {
            let pages = pages(&sequence, size);
            assert_eq!(pages.concat(), "XabYcdefgh", "{size}");
            assert!(pages.iter().all(|page| !page.is_empty()), "{size}");
        }
    }

    #[test]
    fn a_page_before_another_ends_where_that_begins() {
        let sequence = Sequence::new(
            flowing("abcdefgh"),
            vec![pin('X', 1), pin('Y', 4), pin('Z', 50)],
            100,
        );
        let whole = sequence.items();
        let mut at = Bookmark::default();

        for (number, item) in whole.iter().enumerate() {
            let before = sequence.page_before(at, 3);
            assert_eq!(
                names(&before.items),
                names(&whole[number.saturating_sub(3)..number]),
                "{number}"
            );
            at = at.past(item);
        }
    }

    #[test]
    fn a_page_before_repeats_nothing_whatever_arrived_or_went() {
        let old = Sequence::new(flowing("abcde"), vec![pin('X', 4)], 100);
        let second = old.page(Bookmark::default(), 3).next.unwrap();
        assert_eq!(names(&old.page(second, 10).items), "Xde");
        let mut newer = old.flowing.clone();
        newer.insert(0, item('n', 0, false));
        newer.retain(|item| item.post.caption.as_deref() != Some("c"));
        let new = Sequence::new(newer, vec![pin('X', 4)], 100);

        let before = new.page_before(second, 2);

        assert_eq!(names(&before.items), "ab");
        assert_eq!(before.next, Some(second));
        assert_eq!(names(&new.page_before(before.start, 2).items), "n");
    }

    #[test]
    fn entries_that_arrive_or_go_move_no_page() {
        let old = Sequence::new(flowing("abcdef"), vec![pin('X', 2)], 100);
        let first = old.page(Bookmark::default(), 3);
        assert_eq!(names(&first.items), "aXb");
        let mut newer = old.flowing.clone();
        newer.insert(0, item('n', 0, false));
        let is_c = |item: &Item| item.post.caption.as_deref() == Some("c");
        newer.retain(|item| !is_c(item));
        let new = Sequence::new(newer, vec![pin('X', 2)], 100);

        assert_eq!(names(&new.page(first.next.unwrap(), 10).items), "def");
    }
}
