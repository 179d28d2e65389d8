//! Feeds: what a site shows, and the keys that open them.

mod cache;
mod caption;
mod case_folding;
mod change_events;
mod content;
mod curation;
mod cursor;
mod default_feed;
mod encoding;
mod error;
mod evaluation;
mod event_status;
mod formats;
#[cfg(any(test, feature = "fuzzing"))]
pub mod fuzzing;
mod item;
mod items;
pub mod keys;
mod loader;
mod main_feed;
mod mark_changed;
mod mime_types;
mod moderation;
mod pin;
mod position;
mod query;
mod reader;
mod render_pool;
mod rendition;
mod response;
mod select;
mod sequence;
mod service;
mod settings;
mod text;

pub use caption::Caption;
pub(crate) use change_events::event_stream;
pub use change_events::{ChangeEvent, ChangeEvents};
pub use curation::Reason;
use cursor::FeedCursor;
pub use default_feed::join_default_feed;
pub use encoding::Encoding;
pub use error::FeedError;
pub use formats::{Fields, FieldsError, GraphObject, GraphQuery, Period};
use item::Item;
pub use items::{FeedItem, ItemChange, ItemModeration};
pub use mark_changed::{mark_feeds_changed, mark_new_feeds_changed};
pub(crate) use pin::Pin;
pub use position::Position;
pub use query::{FeedFormat, FeedQuery, page_size};
pub use reader::{FeedReader, ReaderSettings};
pub use response::{FeedResponse, WeakFeedResponse};
pub use select::newest;
pub use service::{FeedDetail, Feeds};
pub use settings::{FeedSettings, WordChange};

/// The media types that a feed can show.
pub const MEDIA_TYPES: [&str; 3] = ["IMAGE", "VIDEO", "CAROUSEL_ALBUM"];
