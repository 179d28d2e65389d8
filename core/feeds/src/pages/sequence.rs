//! The entries of a feed in order, and its pages.

use crate::{FeedCursor, Item, Pin, Position};
use vitrine_entity::Time;

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

/// A way through a sequence.
struct Walk<'a> {
    sequence: &'a Sequence,
    next_flowing: usize,
    next_pinned: usize,
    /// Where pinned entries are no longer taken along.
    last_pinned: usize,
    at: FeedCursor,
}

impl<'a> Walk<'a> {
    fn from(sequence: &'a Sequence, at: FeedCursor) -> Self {
        let next_flowing = at.behind.map_or(0, |place| {
            sequence
                .chronological
                .partition_point(|item| !is_behind(item, place))
        });
        Self {
            sequence,
            next_flowing,
            next_pinned: sequence.pinned_until(at),
            last_pinned: sequence.pinned.len(),
            at,
        }
    }

    /// The pinned entry whose turn is next, and whether it is now.
    fn next_pinned(&self) -> Option<(&'a Item, bool)> {
        let pinned = self.sequence.pinned[..self.last_pinned].get(self.next_pinned)?;
        Some((&pinned.item, pinned.place <= self.at.shown + 1))
    }

    /// Whether the next entry stands behind everything that is held.
    fn is_at_loss(&self) -> bool {
        self.at.shown < self.sequence.limit
            && self.next_flowing == self.sequence.chronological.len()
            && !self.next_pinned().is_some_and(|(_, due)| due)
    }

    fn peek(&self) -> Option<&'a Item> {
        if self.at.shown >= self.sequence.limit {
            return None;
        }
        let pinned = self.next_pinned();
        let due = pinned.filter(|(_, due)| *due);
        due.map(|(item, _)| item)
            .or_else(|| self.sequence.chronological.get(self.next_flowing))
            .or_else(|| pinned.map(|(item, _)| item))
    }

    fn step(&mut self) -> Option<&'a Item> {
        let item = self.peek()?;
        match item.pin {
            Some(_) => self.next_pinned += 1,
            None => self.next_flowing += 1,
        }
        self.at = self.at.past(item);
        Some(item)
    }
}

/// Whether an entry in order of time stands at a bookmark or behind it.
fn is_from(item: &Item, bookmark: FeedCursor) -> bool {
    bookmark.behind.is_none_or(|place| is_behind(item, place))
}

/// Whether an entry comes after a place, in order of time and then of pictures.
fn is_behind(item: &Item, place: (Position, u16)) -> bool {
    is_after(item.place(), place)
}

fn is_after(this: (Position, u16), that: (Position, u16)) -> bool {
    let key =
        |(position, child): (Position, u16)| (std::cmp::Reverse((position.posted_at, position.id.0)), child);
    key(this) > key(that)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Caption, curation::tests::post};
    use chrono::TimeDelta;
    use std::sync::Arc;
    use vitrine_entity::media;

    /// Entries with captions for names, each older than the one before.
    fn chronological(names: &str) -> Vec<Item> {
        let entry = |(age, name): (usize, char)| item(name, age);
        names.chars().enumerate().map(entry).collect()
    }

    fn item(name: char, age: usize) -> Item {
        let post = post("IMAGE", &name.to_string());
        let posted_at = chrono::DateTime::UNIX_EPOCH - TimeDelta::seconds(i64::try_from(age).unwrap());
        Item {
            post: Arc::new(media::Model { posted_at, ..post }),
            caption: Arc::new(Caption::default()),
            child: None,
            own_alt_text: None,
            pin: None,
        }
    }

    fn pin(name: char, place: u32) -> Item {
        let item = item(name, 0);
        Item {
            pin: Some(Pin::new(place, item.post.posted_at, item.post.id)),
            ..item
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
        let (mut read, mut at) = (vec![], Some(FeedCursor::default()));
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
            names(&Sequence::new(chronological("abcd"), pins(), 100).items()),
            "aYXbcdZ"
        );
        assert_eq!(
            names(&Sequence::new(chronological("abcd"), pins(), 4).items()),
            "aYXb"
        );
        assert_eq!(names(&Sequence::new(vec![], pins(), 100).items()), "YXZ");
        assert_eq!(names(&Sequence::new(vec![], vec![], 100).items()), "");
    }

    #[test]
    fn pages_of_any_size_are_the_whole() {
        let sequence = Sequence::new(
            chronological("abcdefgh"),
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
            chronological("abcdefgh"),
            vec![pin('X', 1), pin('Y', 4), pin('Z', 50)],
            100,
        );
        let whole = sequence.items();
        let mut at = FeedCursor::default();

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
        let x = pin('X', 4);
        let old = Sequence::new(chronological("abcde"), vec![x.clone()], 100);
        let second = old.page(FeedCursor::default(), 3).next.unwrap();
        assert_eq!(names(&old.page(second, 10).items), "Xde");
        let mut newer = old.chronological.clone();
        newer.insert(0, item('n', 0));
        newer.retain(|item| item.post.caption.as_deref() != Some("c"));
        let new = Sequence::new(newer, vec![x], 100);

        let before = new.page_before(second, 2);

        assert_eq!(names(&before.items), "ab");
        assert_eq!(before.next, Some(second));
        assert_eq!(names(&new.page_before(before.start, 2).items), "n");
    }

    #[test]
    fn entries_that_arrive_or_go_move_no_page() {
        let x = pin('X', 2);
        let old = Sequence::new(chronological("abcdef"), vec![x.clone()], 100);
        let first = old.page(FeedCursor::default(), 3);
        assert_eq!(names(&first.items), "aXb");
        let mut newer = old.chronological.clone();
        newer.insert(0, item('n', 0));
        let is_c = |item: &Item| item.post.caption.as_deref() == Some("c");
        newer.retain(|item| !is_c(item));
        let new = Sequence::new(newer, vec![x], 100);

        assert_eq!(names(&new.page(first.next.unwrap(), 10).items), "def");
    }

    #[test]
    fn pinned_entries_that_come_or_go_make_no_page_repeat_or_skip_another() {
        let (x, y, z) = (pin('X', 1), pin('Y', 2), pin('Z', 7));
        let showing = |pins: &[&Item]| {
            let pins = pins.iter().map(|pin| (*pin).clone()).collect();
            Sequence::new(chronological("abcdefgh"), pins, 100)
        };
        let behind_first = |old: &Sequence| old.page(FeedCursor::default(), 4).next.unwrap();

        let both = behind_first(&showing(&[&x, &y, &z]));
        assert_eq!(names(&showing(&[&y, &z]).page(both, 10).items), "cdZefgh");
        let second_only = behind_first(&showing(&[&y, &z]));
        assert_eq!(
            names(&showing(&[&x, &y, &z]).page(second_only, 10).items),
            "deZfgh"
        );
    }

    #[test]
    fn a_page_that_lies_behind_all_that_is_held_is_known() {
        let old = Sequence::new(chronological("abcdefgh"), vec![pin('X', 6)], 8).with_more(true);
        let at = |read: u32| old.page(FeedCursor::default(), read).next.unwrap();
        let held = |names| Sequence::new(chronological(names), vec![], 8).with_more(true);

        assert_eq!(old.missing_after(at(3), 5), None, "the limit ends it");
        let after_c = at(3).behind;
        assert_eq!(held("abcdef").missing_after(at(3), 2), None);
        assert_eq!(
            held("abcdef").missing_after(at(3), 3),
            after_c,
            "is there a page more?"
        );
        assert_eq!(held("").missing_after(at(3), 1), after_c);
        assert_eq!(
            held("ab").missing_after(FeedCursor::default(), 8),
            None,
            "first pages have all"
        );
        assert_eq!(held("abcd").with_more(false).missing_after(at(3), 8), None);
    }
}
