//! The way through a sequence: pinned entries where their turn is, others between them in order of time.

use super::Sequence;
use crate::{FeedCursor, Item, Position};

/// A way through a sequence.
pub(super) struct Walk<'a> {
    sequence: &'a Sequence,
    next_flowing: usize,
    next_pinned: usize,
    /// Where pinned entries are no longer taken along.
    pub(super) last_pinned: usize,
    pub(super) at: FeedCursor,
}

impl<'a> Walk<'a> {
    pub(super) fn from(sequence: &'a Sequence, at: FeedCursor) -> Self {
        // Searched by place and not counted: what came or went since the bookmark was made moves no page.
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
    pub(super) fn is_at_loss(&self) -> bool {
        self.at.shown < self.sequence.limit
            && self.next_flowing == self.sequence.chronological.len()
            && !self.next_pinned().is_some_and(|(_, due)| due)
    }

    pub(super) fn peek(&self) -> Option<&'a Item> {
        if self.at.shown >= self.sequence.limit {
            return None;
        }
        let pinned = self.next_pinned();
        let due = pinned.filter(|(_, due)| *due);
        // Pins whose place lies behind the end of the others close up to it.
        due.map(|(item, _)| item)
            .or_else(|| self.sequence.chronological.get(self.next_flowing))
            .or_else(|| pinned.map(|(item, _)| item))
    }

    pub(super) fn step(&mut self) -> Option<&'a Item> {
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
pub(super) fn is_from(item: &Item, bookmark: FeedCursor) -> bool {
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
