//! Media and pages of them.

use chrono::{DateTime, Datelike, FixedOffset, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use url::Url;

use crate::answers::json::{self, Unreadable};
use crate::fields::FieldSet;

/// Ids have 17 digits or so. What is longer is none, and no index could hold much more.
const LONGEST_ID: usize = 100;

/// Which page of an account's media to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MediaRequest {
    /// How many media at most; brought into 1 to 100.
    pub limit: u32,
    /// The cursor of the page before; `None` for the newest media.
    pub after: Option<String>,
}

/// One page, newest media first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MediaPage {
    /// The media; a page may be short or empty though more follow.
    pub items: Vec<MediaItem>,
    /// The cursor of the next page; `None` when this is the last. Good for this run only: cursors break when
    /// media come or go. That it never repeats is not promised.
    pub after: Option<String>,
    /// What was not asked for, so that its absence says nothing.
    pub unasked: FieldSet,
    /// Entries that could not be read and are not among the media.
    pub unusable: Vec<UnusableEntry>,
}

/// An entry of a list that is no medium: not an object, or without an id that could be one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnusableEntry {
    /// The album whose part it is; none when it stands in the list of media.
    pub album: Option<String>,
    /// Where it stands, counted from 0.
    pub position: usize,
}

/// One medium, or one part of an album. Everything but the id may be missing, whatever was asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MediaItem {
    /// The id, to be kept as text.
    pub id: String,
    /// The caption; missing when empty and on parts of an album.
    pub caption: Option<String>,
    /// Image, video or album.
    pub media_type: MediaType,
    /// The surface: `FEED`, `REELS`, …
    pub product_type: Option<String>,
    /// Signed link to the file. Missing for material flagged for copyright, and sometimes for no stated reason.
    pub media_url: Option<String>,
    /// Signed link to a video's cover.
    pub thumbnail_url: Option<String>,
    /// The page of the medium on Instagram.
    pub permalink: Option<String>,
    /// The id in the permalink.
    pub shortcode: Option<String>,
    /// When it was published; missing when it cannot be read.
    pub timestamp: Option<DateTime<Utc>>,
    /// The publisher's user name.
    pub username: Option<String>,
    /// How many like it; missing when the owner hides it.
    pub like_count: Option<i64>,
    /// How many comments it has.
    pub comments_count: Option<i64>,
    /// Whether a reel is shown in the feed too. Reels only.
    pub is_shared_to_feed: Option<bool>,
    /// The description for people who cannot see it.
    pub alt_text: Option<String>,
    /// The parts of an album, in order.
    pub children: Vec<MediaItem>,
}

/// The kind of a medium. Written as on the wire.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub enum MediaType {
    /// A picture.
    Image,
    /// A video; a reel is one too.
    Video,
    /// An album of pictures and videos.
    CarouselAlbum,
    /// A kind this version does not know, as it came; `UNKNOWN` when none was named.
    Other(String),
}

impl MediaType {
    /// The kind as on the wire.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Image => "IMAGE",
            Self::Video => "VIDEO",
            Self::CarouselAlbum => "CAROUSEL_ALBUM",
            Self::Other(other) => other,
        }
    }
}

impl From<String> for MediaType {
    fn from(text: String) -> Self {
        match text.to_ascii_uppercase().as_str() {
            "IMAGE" => Self::Image,
            "VIDEO" => Self::Video,
            "CAROUSEL_ALBUM" => Self::CarouselAlbum,
            _ => Self::Other(text),
        }
    }
}

impl From<MediaType> for String {
    fn from(kind: MediaType) -> Self {
        kind.as_str().to_owned()
    }
}

impl MediaPage {
    /// Reads `{"data":[…],"paging":{…}}`.
    pub(crate) fn read(answer: &Value) -> Result<Self, Unreadable> {
        let data = answer
            .get("data")
            .and_then(Value::as_array)
            .ok_or(Unreadable::Missing("data"))?;
        let mut unusable = Vec::new();
        let mut items = Vec::with_capacity(data.len());
        for (position, medium) in data.iter().enumerate() {
            match MediaItem::read(medium, &mut unusable) {
                Some(item) => items.push(item),
                None => unusable.push(UnusableEntry {
                    album: None,
                    position,
                }),
            }
        }
        Ok(Self {
            items,
            after: answer.get("paging").and_then(next_cursor),
            unasked: FieldSet::default(),
            unusable,
        })
    }
}

impl MediaItem {
    /// Reads a medium with its parts; a part that is unusable is left out of the album.
    fn read(medium: &Value, unusable: &mut Vec<UnusableEntry>) -> Option<Self> {
        let mut album = Self::read_part(medium)?;
        let told = medium.get("children").map(parts).unwrap_or_default();
        for (position, part) in told.iter().enumerate() {
            match Self::read_part(part) {
                Some(part) => album.children.push(part),
                None => unusable.push(UnusableEntry {
                    album: Some(album.id.clone()),
                    position,
                }),
            }
        }
        Some(album)
    }

    /// Reads a medium without looking for parts: albums do not nest.
    fn read_part(medium: &Value) -> Option<Self> {
        let kind = json::text(medium, "media_type").unwrap_or_else(|| "UNKNOWN".to_owned());
        Some(Self {
            id: json::text(medium, "id").filter(|id| id.len() <= LONGEST_ID)?,
            caption: json::text(medium, "caption"),
            media_type: MediaType::from(kind),
            product_type: json::text(medium, "media_product_type"),
            media_url: json::link(medium, "media_url"),
            thumbnail_url: json::link(medium, "thumbnail_url"),
            permalink: json::link(medium, "permalink"),
            shortcode: json::text(medium, "shortcode"),
            timestamp: json::text(medium, "timestamp").and_then(|text| instant(&text)),
            username: json::text(medium, "username"),
            like_count: json::integer(medium, "like_count"),
            comments_count: json::integer(medium, "comments_count"),
            is_shared_to_feed: json::flag(medium, "is_shared_to_feed"),
            alt_text: json::text(medium, "alt_text"),
            children: Vec::new(),
        })
    }
}

/// The parts of an album: `{"data":[…]}`, or the bare list.
fn parts(children: &Value) -> &[Value] {
    children
        .get("data")
        .unwrap_or(children)
        .as_array()
        .map_or(&[], Vec::as_slice)
}

/// Only the absence of `next` ends a listing. Its link carries the token, so the cursor is all that is kept.
fn next_cursor(paging: &Value) -> Option<String> {
    let next = json::text(paging, "next")?;
    let told = paging
        .get("cursors")
        .and_then(|cursors| json::text(cursors, "after"));
    told.or_else(|| cursor_in(&next))
}

fn cursor_in(link: &str) -> Option<String> {
    let link = Url::parse(link).ok()?;
    link.query_pairs()
        .find(|(name, _)| name == "after")
        .map(|(_, cursor)| cursor.into_owned())
}

/// Instagram writes the offset as `+0000`, which RFC 3339 does not allow; chrono's own parser takes both. It also
/// takes years that RFC 3339, feeds and databases do not know, which are no times here.
fn instant(text: &str) -> Option<DateTime<Utc>> {
    text.parse::<DateTime<FixedOffset>>()
        .ok()
        .map(|time| time.with_timezone(&Utc))
        .filter(|time| (1..=9999).contains(&time.year()))
}
