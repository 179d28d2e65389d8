//! Where a page of a feed begins.

use super::{Item, Position};
use crate::paging::PageError;

/// Length of a written bookmark: a mark, a position, a picture's place and two numbers.
const BYTES: usize = 1 + 24 + 2 + 4 + 4;

/// The end of the page before, or the beginning of the one behind.
///
/// Posts in order of time are found again by their place in time, pinned ones by their number: neither
/// moves when posts arrive.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Bookmark {
    /// The last post that stands in order of time, and which picture of it; none before the first.
    pub(super) behind: Option<(Position, u16)>,
    /// Pinned posts that came before.
    pub(super) pinned: u32,
    /// All posts that came before, which the feed's own limit bounds.
    pub(super) shown: u32,
}

impl Bookmark {
    /// The bookmark one post later.
    pub(super) fn past(self, item: &Item) -> Self {
        Self {
            behind: if item.pinned {
                self.behind
            } else {
                Some(item.place())
            },
            pinned: self.pinned + u32::from(item.pinned),
            shown: self.shown + 1,
        }
    }

    pub(super) fn write(&self) -> [u8; BYTES] {
        let mut bytes = [0; BYTES];
        if let Some((position, child)) = &self.behind {
            bytes[0] = 1;
            bytes[1..25].copy_from_slice(&position.write());
            bytes[25..27].copy_from_slice(&child.to_be_bytes());
        }
        bytes[27..31].copy_from_slice(&self.pinned.to_be_bytes());
        bytes[31..].copy_from_slice(&self.shown.to_be_bytes());
        bytes
    }

    /// Reads what [`Bookmark::write`] wrote, and nothing else.
    pub(super) fn read(bytes: &[u8]) -> Result<Self, PageError> {
        let bytes: &[u8; BYTES] = bytes.try_into().map_err(|_| PageError::BadCursor)?;
        let [mark, rest @ ..] = bytes;
        let (position, numbers) = rest.split_at(24);
        let child = u16::from_be_bytes([numbers[0], numbers[1]]);
        let behind = match mark {
            0 if rest[..26].iter().all(|byte| *byte == 0) => None,
            1 => Some((Position::read(position)?, child)),
            _ => return Err(PageError::BadCursor),
        };
        let number =
            |at: usize| u32::from_be_bytes([numbers[at], numbers[at + 1], numbers[at + 2], numbers[at + 3]]);
        Ok(Self {
            behind,
            pinned: number(2),
            shown: number(6),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::{Clock, SystemClock};
    use vitrine_entity::MediaId;

    #[test]
    fn a_bookmark_survives_its_bytes() {
        let position = Position {
            posted_at: SystemClock.now(),
            id: MediaId::generate(),
        };
        let inside = Bookmark {
            behind: Some((position, 3)),
            pinned: 2,
            shown: 70_000,
        };

        assert_eq!(Bookmark::read(&inside.write()).unwrap(), inside);
        let start = Bookmark::default();
        assert_eq!(Bookmark::read(&start.write()).unwrap(), start);
        assert!(Bookmark::read(b"short").is_err());
    }

    #[test]
    fn a_bookmark_is_read_from_one_writing_only() {
        for place in 0..27 {
            let mut bytes = Bookmark::default().write();
            bytes[place] = 2;
            assert!(Bookmark::read(&bytes).is_err(), "{place}");
        }
    }
}
