//! Where a post is pinned.

use serde::{Deserialize, Serialize};
use std::cmp::Reverse;
use uuid::Uuid;
use vitrine_entity::{MediaId, Time};

/// Length of a written pin.
pub(crate) const BYTES: usize = 28;

/// A post's place among pinned ones, in their order: by place, and of two at one place the one pinned last comes first.
/// It stays the same whatever other pins come and go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(crate) struct Pin {
    /// The place that the owner wants, from 1.
    pub(crate) place: u32,
    since_micros: Reverse<i64>,
    post: MediaId,
}

impl Pin {
    /// A post that was pinned at a place.
    pub(crate) fn new(place: u32, since: Time, post: MediaId) -> Self {
        Self {
            place,
            since_micros: Reverse(since.timestamp_micros()),
            post,
        }
    }

    /// Which post it is.
    pub(crate) fn post(&self) -> MediaId {
        self.post
    }

    pub(crate) fn write(&self) -> [u8; BYTES] {
        let mut bytes = [0; BYTES];
        bytes[..4].copy_from_slice(&self.place.to_be_bytes());
        bytes[4..12].copy_from_slice(&self.since_micros.0.to_be_bytes());
        bytes[12..].copy_from_slice(self.post.0.as_bytes());
        bytes
    }

    /// Reads what [`Pin::write`] wrote.
    pub(crate) fn read(bytes: &[u8]) -> Option<Self> {
        let bytes: &[u8; BYTES] = bytes.try_into().ok()?;
        Some(Self {
            place: u32::from_be_bytes(bytes[..4].try_into().ok()?),
            since_micros: Reverse(i64::from_be_bytes(bytes[4..12].try_into().ok()?)),
            post: MediaId(Uuid::from_slice(&bytes[12..]).ok()?),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::{DateTime, TimeDelta};

    #[test]
    fn pins_stand_by_place_and_the_later_one_first() {
        let pin = |place, seconds| {
            let since = DateTime::UNIX_EPOCH + TimeDelta::seconds(seconds);
            Pin::new(place, since, MediaId::generate())
        };

        assert!(pin(1, 5) < pin(2, 9) && pin(2, 9) < pin(2, 5));
        let one = pin(3, 7);
        assert_eq!(Pin::read(&one.write()).unwrap(), one);
        assert!(Pin::read(b"short").is_none());
    }
}
