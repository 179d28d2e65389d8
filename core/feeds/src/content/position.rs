//! Where a page of posts ended.

use chrono::DateTime;
use uuid::Uuid;
use vitrine_base::paging::Bookmark;
use vitrine_entity::{MediaId, Time, media};

/// Length of a written position.
pub(crate) const BYTES: usize = 24;

/// A post's place among others, newest first. It names a place in time and not a number of posts, so
/// that posts that arrive meanwhile make no page repeat or skip one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Position {
    /// When the post was made.
    pub(crate) posted_at: Time,
    /// Which it was.
    pub(crate) id: MediaId,
}

impl Position {
    /// The place of a post.
    pub fn of(row: &media::Model) -> Self {
        Self {
            posted_at: row.posted_at,
            id: row.id,
        }
    }
}

impl Bookmark for Position {
    type Bytes = [u8; BYTES];

    fn write(&self) -> [u8; BYTES] {
        let mut bytes = [0; BYTES];
        bytes[..8].copy_from_slice(&self.posted_at.timestamp_micros().to_be_bytes());
        bytes[8..].copy_from_slice(self.id.0.as_bytes());
        bytes
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        let bytes: &[u8; BYTES] = bytes.try_into().ok()?;
        Some(Self {
            posted_at: DateTime::from_timestamp_micros(i64::from_be_bytes(bytes[..8].try_into().ok()?))?,
            id: MediaId(Uuid::from_slice(&bytes[8..]).ok()?),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use vitrine_base::clock::{Clock, SystemClock};

    #[test]
    fn a_position_survives_its_bytes() {
        let position = Position {
            posted_at: SystemClock.now(),
            id: MediaId::generate(),
        };

        assert_eq!(Position::read(&position.write()).unwrap(), position);
        assert!(Position::read(b"short").is_none());
    }
}
