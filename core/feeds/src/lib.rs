//! Feeds: what a site shows, and the keys that open them.

mod ask;
mod bookmark;
mod cache;
mod caption;
mod changes;
mod content;
mod curation;
mod decisions;
mod default_feed;
mod encoding;
mod error;
mod file_kinds;
mod forms;
#[cfg(any(test, feature = "fuzzing"))]
pub mod fuzzing;
mod hearing;
mod item;
mod items;
mod judge;
pub mod keys;
mod loading;
mod main_feed;
mod pin;
mod position;
mod press;
mod reader;
mod rendition;
mod select;
mod sequence;
mod served;
mod service;
mod settings;
mod text;
mod touch;
mod words;

pub use ask::{Ask, Form, page_size};
use bookmark::Bookmark;
pub use caption::Caption;
pub(crate) use changes::heard;
pub use changes::{FeedChanges, News};
pub use curation::Reason;
pub use default_feed::join_default_feed;
pub use encoding::Encoding;
pub use error::FeedError;
pub use forms::{Fields, FieldsError, GraphObject, GraphQuestion, Period};
use item::Item;
pub use items::{FeedItem, ItemChange, ItemDecision};
pub(crate) use pin::Pin;
pub use position::Position;
pub use reader::{FeedReader, ReaderSettings};
pub use select::newest;
pub use served::{Served, ServedBefore};
pub use service::{FeedDetail, Feeds};
pub use settings::{FeedSettings, WordChange};
pub use touch::{touch_feeds, touch_newcomers};

/// The media types that a feed can show.
pub const MEDIA_TYPES: [&str; 3] = ["IMAGE", "VIDEO", "CAROUSEL_ALBUM"];
