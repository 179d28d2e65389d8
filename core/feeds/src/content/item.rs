//! One entry of a feed: a post, or one picture of an album.

use crate::{Caption, Pin, Position, content::mime_types::kind_by_name};
use std::sync::Arc;
use uuid::Uuid;
use vitrine_base::hashed_id::hashed_id;
use vitrine_entity::{
    MediaId,
    media::{self, Child},
};

/// One entry of a feed.
#[derive(Clone, Debug)]
pub(crate) struct Item {
    /// The post.
    pub(crate) post: Arc<media::Model>,
    /// Its caption taken apart; empty without one.
    pub(crate) caption: Arc<Caption>,
    /// Which picture of an album it is; none where it is the post itself.
    pub(crate) child: Option<u16>,
    /// The owner's own description of the picture.
    pub(crate) own_alt_text: Option<Arc<str>>,
    /// Where its owner pinned it; none where it stands in order of time.
    pub(crate) pin: Option<Pin>,
}

impl Item {
    /// An entry for a post itself, in order of time, with its caption taken apart.
    pub(crate) fn of(post: media::Model) -> Self {
        Self {
            caption: Arc::new(post.caption.as_deref().map(Caption::parse).unwrap_or_default()),
            post: Arc::new(post),
            child: None,
            own_alt_text: None,
            pin: None,
        }
    }

    /// Its place in order of time, and among the pictures of its album.
    pub(crate) fn place(&self) -> (Position, u16) {
        (Position::of(&self.post), self.child.unwrap_or_default())
    }

    /// Its place among pinned posts, and among the pictures of its album.
    pub(crate) fn pinned_place(&self) -> Option<(Pin, u16)> {
        self.pin.map(|pin| (pin, self.child.unwrap_or_default()))
    }

    /// Its id here: the post's, or for a picture of an album one made of both, always the same.
    pub(crate) fn id(&self) -> Uuid {
        match self.picture_of_album() {
            None => self.post.id.0,
            Some(child) => child_id(self.post.id, child),
        }
    }

    /// The platform's id of the post or the picture.
    pub(crate) fn platform_id(&self) -> &str {
        match self.picture_of_album() {
            None => &self.post.platform_media_id,
            Some(child) => &child.platform_media_id,
        }
    }

    /// `IMAGE`, `VIDEO` or `CAROUSEL_ALBUM`.
    pub(crate) fn media_type(&self) -> &str {
        match self.picture_of_album() {
            None => &self.post.media_type,
            Some(child) => &child.media_type,
        }
    }

    /// The post's page.
    pub(crate) fn permalink(&self) -> Option<&str> {
        let own = self
            .picture_of_album()
            .and_then(|child| child.permalink.as_deref());
        own.or(self.post.permalink.as_deref())
    }

    /// What the picture shows, for those who cannot see it: in its owner's words, else as it stands on
    /// the platform. What the owner says of an album is not said of each of its pictures that has words of its own.
    pub(crate) fn alt_text(&self) -> Option<&str> {
        let picture = self.picture_of_album();
        let of_picture = picture.and_then(|child| child.alt_text.as_deref());
        of_picture
            .or(self.own_alt_text.as_deref())
            .or(self.post.alt_text.as_deref())
    }

    /// Its picture; of a video the still, of an album the cover.
    pub(crate) fn picture(&self) -> Option<&str> {
        match self.picture_of_album() {
            None => picture_of_post(&self.post),
            Some(child) => picture_of_child(child),
        }
    }

    /// Its video.
    pub(crate) fn video(&self) -> Option<&str> {
        match self.picture_of_album() {
            None => video_of_post(&self.post),
            Some(child) => video_of_child(child),
        }
    }

    /// The pictures and videos of an album, those that there is something to show of.
    pub(crate) fn children(&self) -> impl Iterator<Item = &Child> {
        let whole = if self.child.is_none() {
            self.post.children.0.as_slice()
        } else {
            &[]
        };
        whole.iter().filter(|child| shows(child))
    }

    /// Whether it is a reel.
    pub(crate) fn is_reel(&self) -> bool {
        self.post.product_type.as_deref() == Some("REELS")
    }

    fn picture_of_album(&self) -> Option<&Child> {
        self.post.children.0.get(usize::from(self.child?))
    }
}

/// Ids of our own for pictures of albums, which have no row.
pub(crate) fn child_id(post: MediaId, child: &Child) -> Uuid {
    hashed_id(&[post.0.as_bytes(), child.platform_media_id.as_bytes()])
}

/// The picture of one child of an album.
pub(crate) fn picture_of_child(child: &Child) -> Option<&str> {
    still(
        &child.media_type,
        child.media_url.as_deref(),
        child.thumbnail_url.as_deref(),
    )
}

/// The video of one child of an album.
pub(crate) fn video_of_child(child: &Child) -> Option<&str> {
    video(&child.media_type, child.media_url.as_deref())
}

/// Whether there is something to show of a child.
fn shows(child: &Child) -> bool {
    picture_of_child(child).is_some() || video_of_child(child).is_some()
}

/// The own file of an album of which nothing else is given may be a video.
fn video_of_post(post: &media::Model) -> Option<&str> {
    let file = post.media_url.as_deref();
    let alone = || !post.children.0.iter().any(shows);
    video(&post.media_type, file).or_else(|| file.filter(|file| is_film(file) && alone()))
}

/// An album's own file is normally that of its first child, which may be a video; so the first child
/// that has a picture is asked before.
fn picture_of_post(post: &media::Model) -> Option<&str> {
    let own = || {
        still(
            &post.media_type,
            post.media_url.as_deref(),
            post.thumbnail_url.as_deref(),
        )
    };
    post.children.0.iter().find_map(picture_of_child).or_else(own)
}

/// Whether a file is a video, by its name.
fn is_film(address: &str) -> bool {
    kind_by_name(address).is_some_and(|kind| kind.starts_with("video/"))
}

/// A video's own file is no picture; its still is.
fn still<'a>(
    media_type: &str,
    media_url: Option<&'a str>,
    thumbnail_url: Option<&'a str>,
) -> Option<&'a str> {
    match media_type {
        "VIDEO" => thumbnail_url,
        _ => media_url.filter(|file| !is_film(file)).or(thumbnail_url),
    }
}

fn video<'a>(media_type: &str, media_url: Option<&'a str>) -> Option<&'a str> {
    media_url.filter(|_| media_type == "VIDEO")
}
