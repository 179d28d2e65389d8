//! A sequence as bytes: what is kept of it while no page is written.

use super::{Pinned, Sequence};
use crate::{FeedCursor, Item, Pin};
use serde::{Deserialize, Serialize};
use std::{borrow::Cow, io, sync::Arc};
use vitrine_entity::media;

/// Links and captions of one feed are much alike: they shrink to a fifth also where little time is spent.
const ZSTANDARD_LEVEL: i32 = 3;

/// A sequence, packed.
#[derive(Debug)]
pub(crate) struct PackedSequence {
    bytes: Box<[u8]>,
    /// Bytes before they were packed.
    length: usize,
    more: bool,
}

/// What a sequence is made of. Pictures of one album point at one post.
#[derive(Serialize, Deserialize)]
struct Stored<'a> {
    posts: Vec<StoredPost<'a>>,
    chronological: Vec<StoredItem>,
    pinned: Vec<StoredPin>,
    limit: u32,
    more: bool,
}

#[derive(Serialize, Deserialize)]
struct StoredPost<'a> {
    post: Cow<'a, media::Model>,
    own_alt_text: Option<Cow<'a, str>>,
}

/// Which post, and which of its pictures.
#[derive(Serialize, Deserialize)]
struct StoredItem(usize, Option<u16>);

/// A pinned entry and its place among all, which is not found again from the pins alone once some are left out.
#[derive(Serialize, Deserialize)]
struct StoredPin {
    place: u32,
    pin: Pin,
    item: StoredItem,
}

impl PackedSequence {
    /// Packs a sequence.
    ///
    /// # Errors
    /// When the packer fails, which is a lack of memory.
    pub(crate) fn pack(sequence: &Sequence) -> io::Result<Self> {
        let plain = serde_json::to_vec(&Stored::of(sequence))?;
        Ok(Self {
            bytes: zstd::bulk::compress(&plain, ZSTANDARD_LEVEL)?.into(),
            length: plain.len(),
            more: sequence.more,
        })
    }

    /// The sequence again.
    ///
    /// # Errors
    /// When memory is short.
    pub(crate) fn unpack(&self) -> io::Result<Sequence> {
        let plain = zstd::bulk::decompress(&self.bytes, self.length)?;
        let stored: Stored<'_> = serde_json::from_slice(&plain)?;
        stored.restored().ok_or_else(|| io::ErrorKind::InvalidData.into())
    }

    /// Whether more may have to be read for the page that begins at a bookmark, which
    /// [`Sequence::missing_after`] knows.
    pub(crate) fn may_miss_after(&self, start: FeedCursor) -> bool {
        self.more && start.behind.is_some()
    }

    /// Bytes that it takes.
    pub(crate) fn weight(&self) -> usize {
        size_of::<Self>() + self.bytes.len()
    }
}

impl<'a> Stored<'a> {
    fn of(sequence: &'a Sequence) -> Self {
        let mut posts = Posts::default();
        Self {
            chronological: sequence
                .chronological
                .iter()
                .map(|item| posts.note(item))
                .collect(),
            pinned: sequence
                .pinned
                .iter()
                .map(|pinned| StoredPin {
                    place: pinned.place,
                    pin: pinned.key.0,
                    item: posts.note(&pinned.item),
                })
                .collect(),
            limit: sequence.limit,
            more: sequence.more,
            posts: posts.noted,
        }
    }

    /// None where an entry is of no post, which no writing here makes.
    fn restored(self) -> Option<Sequence> {
        let posts: Vec<Item> = self.posts.into_iter().map(StoredPost::restored).collect();
        let chronological = self.chronological.iter().map(|item| item.restored(&posts));
        let pinned = self.pinned.iter().map(|pinned| pinned.restored(&posts));
        Some(Sequence {
            chronological: chronological.collect::<Option<_>>()?,
            pinned: pinned.collect::<Option<_>>()?,
            limit: self.limit,
            more: self.more,
        })
    }
}

/// Posts in the order in which their entries come.
#[derive(Default)]
struct Posts<'a> {
    noted: Vec<StoredPost<'a>>,
    last: Option<&'a Arc<media::Model>>,
}

impl<'a> Posts<'a> {
    fn note(&mut self, item: &'a Item) -> StoredItem {
        if !self.last.is_some_and(|last| Arc::ptr_eq(last, &item.post)) {
            self.last = Some(&item.post);
            self.noted.push(StoredPost {
                post: Cow::Borrowed(&item.post),
                own_alt_text: item.own_alt_text.as_deref().map(Cow::Borrowed),
            });
        }
        StoredItem(self.noted.len() - 1, item.child)
    }
}

impl StoredPost<'_> {
    fn restored(self) -> Item {
        Item {
            own_alt_text: self.own_alt_text.map(Arc::from),
            ..Item::of(self.post.into_owned())
        }
    }
}

impl StoredItem {
    fn restored(&self, posts: &[Item]) -> Option<Item> {
        Some(Item {
            child: self.1,
            ..posts.get(self.0)?.clone()
        })
    }
}

impl StoredPin {
    fn restored(&self, posts: &[Item]) -> Option<Pinned> {
        let item = Item {
            pin: Some(self.pin),
            ..self.item.restored(posts)?
        };
        Some(Pinned {
            place: self.place,
            key: item.pinned_place()?,
            item,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::content::samples::{child, post};
    use vitrine_entity::media::Children;

    fn album() -> Item {
        let children = (0..3).map(|number| child(number, "IMAGE", Some("https://cdn.example/a.jpg")));
        Item {
            own_alt_text: Some("Three herons".into()),
            ..Item::of(media::Model {
                children: Children(children.collect()),
                ..post(9)
            })
        }
    }

    fn told(sequence: &Sequence) -> Vec<String> {
        sequence.held().map(|item| format!("{item:?}")).collect()
    }

    #[test]
    fn an_unpacked_sequence_is_the_one_that_was_packed() {
        let pinned = |item: Item, place| Item {
            pin: Some(Pin::new(place, item.post.posted_at, item.post.id)),
            ..item
        };
        let picture = |place| Item {
            child: Some(place),
            ..album()
        };
        let chronological = vec![Item::of(post(1)), picture(0), picture(2), Item::of(post(2))];
        let pins = vec![pinned(picture(1), 2), pinned(Item::of(post(3)), 2)];
        let whole = Sequence::new(chronological, pins, 5).with_more(true);

        for sequence in [whole.narrowed("IMAGE"), whole.narrowed("VIDEO"), whole] {
            let again = PackedSequence::pack(&sequence).unwrap().unpack().unwrap();

            assert_eq!(told(&again), told(&sequence));
            let places = |sequence: &Sequence| {
                sequence
                    .pinned
                    .iter()
                    .map(|pinned| pinned.place)
                    .collect::<Vec<_>>()
            };
            assert_eq!(places(&again), places(&sequence));
            assert_eq!((again.limit, again.more), (sequence.limit, sequence.more));
        }
    }

    #[test]
    fn pictures_of_one_album_share_their_post() {
        let album = album();
        let picture = |place| Item {
            child: Some(place),
            ..album.clone()
        };
        let sequence = Sequence::new(vec![picture(0), picture(1)], vec![], 5);

        let again = PackedSequence::pack(&sequence).unwrap().unpack().unwrap();

        let posts: Vec<_> = again.held().map(|item| &item.post).collect();
        assert!(Arc::ptr_eq(posts[0], posts[1]));
    }
}
