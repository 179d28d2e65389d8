//! Where a page of a feed begins.

use crate::{Item, Pin, Position, content::position, moderation::pin_order};
use vitrine_base::paging::Bookmark;

/// Length of a written place: a mark, a position or a pin, and which picture of the post.
const CHRONOLOGICAL: usize = 1 + position::BYTES + 2;
const PINNED: usize = 1 + pin_order::BYTES + 2;
/// Length of a written bookmark: both places and a number.
const BYTES: usize = CHRONOLOGICAL + PINNED + 4;

/// The end of the page before, or the beginning of the one behind.
///
/// Posts in order of time are found again by their place in time, pinned ones by their pin: neither
/// moves when other posts come or go.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct FeedCursor {
    /// The last post that stands in order of time, and which picture of it; none before the first.
    pub(crate) behind: Option<(Position, u16)>,
    /// The last pinned post that came before, and which picture of it.
    pub(crate) pinned: Option<(Pin, u16)>,
    /// All posts that came before, which the feed's own limit bounds.
    pub(crate) shown: u32,
}

impl FeedCursor {
    /// The bookmark one post later.
    pub(crate) fn past(self, item: &Item) -> Self {
        let shown = self.shown + 1;
        match item.pinned_place() {
            Some(place) => Self {
                pinned: Some(place),
                shown,
                ..self
            },
            None => Self {
                behind: Some(item.place()),
                shown,
                ..self
            },
        }
    }
}

impl Bookmark for FeedCursor {
    type Bytes = [u8; BYTES];

    fn write(&self) -> [u8; BYTES] {
        let mut bytes = [0; BYTES];
        let (chronological, rest) = bytes.split_at_mut(CHRONOLOGICAL);
        let (pinned, shown) = rest.split_at_mut(PINNED);
        if let Some((position, child)) = &self.behind {
            put(chronological, &position.write(), *child);
        }
        if let Some((pin, child)) = &self.pinned {
            put(pinned, &pin.write(), *child);
        }
        shown.copy_from_slice(&self.shown.to_be_bytes());
        bytes
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        let bytes: &[u8; BYTES] = bytes.try_into().ok()?;
        let (chronological, rest) = bytes.split_at(CHRONOLOGICAL);
        let (pinned, shown) = rest.split_at(PINNED);
        Some(Self {
            behind: place(chronological, Position::read)?,
            pinned: place(pinned, Pin::read)?,
            shown: u32::from_be_bytes([shown[0], shown[1], shown[2], shown[3]]),
        })
    }
}

/// Writes a marked place.
fn put(bytes: &mut [u8], place: &[u8], child: u16) {
    bytes[0] = 1;
    bytes[1..=place.len()].copy_from_slice(place);
    bytes[place.len() + 1..].copy_from_slice(&child.to_be_bytes());
}

/// A marked place, and which picture of it; a place without a mark is empty. None for anything else.
fn place<T>(bytes: &[u8], read: fn(&[u8]) -> Option<T>) -> Option<Option<(T, u16)>> {
    match bytes {
        [0, rest @ ..] if rest.iter().all(|byte| *byte == 0) => Some(None),
        [1, rest @ .., high, low] => Some(Some((read(rest)?, u16::from_be_bytes([*high, *low])))),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use vitrine_base::clock::{Clock, SystemClock};
    use vitrine_entity::MediaId;

    #[test]
    fn a_bookmark_survives_its_bytes() {
        let (now, id) = (SystemClock.now(), MediaId::generate());
        let position = Position { posted_at: now, id };
        let inside = FeedCursor {
            behind: Some((position, 3)),
            pinned: Some((Pin::new(2, now, id), 1)),
            shown: 70_000,
        };

        assert_eq!(FeedCursor::read(&inside.write()).unwrap(), inside);
        for part in [
            FeedCursor::default(),
            FeedCursor {
                pinned: None,
                ..inside
            },
            FeedCursor {
                behind: None,
                ..inside
            },
        ] {
            assert_eq!(FeedCursor::read(&part.write()).unwrap(), part);
        }
        assert!(FeedCursor::read(b"short").is_none());
    }

    #[test]
    fn a_bookmark_is_read_from_one_writing_only() {
        for place in 0..58 {
            let mut bytes = FeedCursor::default().write();
            bytes[place] = 2;
            assert!(FeedCursor::read(&bytes).is_none(), "{place}");
        }
    }
}
