//! What was changed about an account's media since it was made.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::model::{Child, Media, MediaKind};

/// What kind of post to make.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PostKind {
    /// One picture.
    #[default]
    Image,
    /// A video in the feed.
    Video,
    /// A reel.
    Reel,
    /// An album.
    Carousel,
}

impl PostKind {
    pub(super) fn media_kind(self, children: u8, shared: bool) -> MediaKind {
        match self {
            Self::Image => MediaKind::Image,
            Self::Video => MediaKind::Video,
            Self::Reel => MediaKind::Reel { shared },
            Self::Carousel => {
                let child = Child {
                    is_video: false,
                    has_media_url: true,
                };
                MediaKind::Carousel(vec![child; usize::from(children)])
            }
        }
    }
}

/// A post to make now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct NewPost {
    /// What to post; a picture unless said otherwise.
    pub kind: PostKind,
    /// The caption, if any.
    pub caption: Option<String>,
    /// Pictures of an album, 2 to 20 (3).
    pub children: u8,
    /// Whether a reel also shows in the feed (it does).
    pub shared_to_feed: bool,
    /// When it was posted; the simulator's now when unset.
    pub taken_at: Option<DateTime<Utc>>,
}

impl Default for NewPost {
    fn default() -> Self {
        Self {
            kind: PostKind::Image,
            caption: None,
            children: 3,
            shared_to_feed: true,
            taken_at: None,
        }
    }
}

impl NewPost {
    /// A picture with a caption.
    #[must_use]
    pub fn captioned(caption: impl Into<String>) -> Self {
        Self {
            caption: Some(caption.into()),
            ..Self::default()
        }
    }
}

/// What to change about a media; what is unset stays.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct MediaEdit {
    /// A new caption; the empty one removes it.
    pub caption: Option<String>,
    /// Leaves `media_url` out, as for flagged material, or gives it again.
    pub hide_media_url: Option<bool>,
    /// Hides or shows the number of likes.
    pub hide_likes: Option<bool>,
    /// A new number of likes.
    pub like_count: Option<u64>,
    /// Missing on lists though it is there, as in trouble of the platform, or back on them.
    pub unlisted: Option<bool>,
}

/// A media as control calls show it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MediaView {
    /// Its id.
    pub id: String,
    /// Its `media_type` on the wire.
    pub media_type: String,
    /// Its caption.
    pub caption: Option<String>,
    /// When it was posted.
    pub taken_at: DateTime<Utc>,
    /// Whether `/me/media` lists it.
    pub listed: bool,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Post {
    pub(super) serial: u32,
    pub(super) kind: PostKind,
    pub(super) caption: Option<String>,
    pub(super) children: u8,
    pub(super) shared_to_feed: bool,
    pub(super) taken_at: i64,
}

/// Every change made to an account's media.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct MediaEdits {
    pub(super) posted: Vec<Post>,
    deleted: BTreeSet<u32>,
    changed: BTreeMap<u32, MediaEdit>,
}

impl MediaEdits {
    /// Adds a post; gives its serial number.
    pub(crate) fn post(&mut self, post: NewPost, base_media: u32, now: DateTime<Utc>) -> u32 {
        let serial = base_media + u32::try_from(self.posted.len()).unwrap_or_default();
        self.posted.push(Post {
            serial,
            kind: post.kind,
            caption: post.caption.filter(|caption| !caption.is_empty()),
            children: post.children.clamp(2, 20),
            shared_to_feed: post.shared_to_feed,
            taken_at: post.taken_at.unwrap_or(now).timestamp(),
        });
        serial
    }

    pub(crate) fn delete(&mut self, serial: u32) {
        self.deleted.insert(serial);
    }

    /// Adds to what was changed before.
    pub(crate) fn change(&mut self, serial: u32, edit: &MediaEdit) {
        let kept = self.changed.entry(serial).or_default();
        if edit.caption.is_some() {
            kept.caption.clone_from(&edit.caption);
        }
        kept.hide_media_url = edit.hide_media_url.or(kept.hide_media_url);
        kept.hide_likes = edit.hide_likes.or(kept.hide_likes);
        kept.like_count = edit.like_count.or(kept.like_count);
        kept.unlisted = edit.unlisted.or(kept.unlisted);
    }

    pub(super) fn is_deleted(&self, serial: u32) -> bool {
        self.deleted.contains(&serial)
    }

    pub(super) fn apply(&self, media: &mut Media) {
        let Some(edit) = self.changed.get(&media.serial) else {
            return;
        };
        if let Some(caption) = &edit.caption {
            media.caption = Some(caption.clone()).filter(|caption| !caption.is_empty());
        }
        media.has_media_url = edit.hide_media_url.map_or(media.has_media_url, |hidden| !hidden);
        media.hides_likes = edit.hide_likes.unwrap_or(media.hides_likes);
        media.like_count = edit.like_count.unwrap_or(media.like_count);
        media.unlisted = edit.unlisted.unwrap_or(false);
    }
}
