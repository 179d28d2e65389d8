//! Feeds: what a site shows, and the keys that open them.
//!
//! Each module builds on those before it:
//! - `text` and `caption`: texts that are safe in a page.
//! - `curation` and `moderation`: which posts a feed shows, by rule and by its owner's decisions.
//! - `content`: what it shows, in order. `settings`: what its owner chose.
//! - `pages`: what visitors ask for. `formats`: how it is written. `serving`: the bytes, from memory when warm.
//! - `service`: feeds for their owners.
//!
//! Beside them, `changes` announces to every process what is no longer as it was, and `keys` who may read.

mod caption;
mod changes;
mod content;
mod curation;
mod error;
mod formats;
#[cfg(any(test, feature = "fuzzing"))]
pub mod fuzzing;
pub mod keys;
mod moderation;
mod pages;
mod service;
mod serving;
mod settings;
mod text;

pub use caption::Caption;
pub(crate) use changes::change_events::event_stream;
pub use changes::change_events::{ChangeEvent, ChangeEvents};
pub use changes::mark_changed::{mark_feeds_changed, mark_new_feeds_changed};
use content::cursor::FeedCursor;
use content::item::Item;
pub use content::page_size::page_size;
pub use content::position::Position;
pub use content::select::newest;
pub use curation::Reason;
pub use error::FeedError;
pub use formats::PhotosView;
pub use moderation::change::ItemChange;
pub use moderation::item_moderation::ItemModeration;
pub(crate) use moderation::pin_order::Pin;
pub use pages::feed_format::FeedFormat;
pub use pages::graph_query::{Fields, FieldsError, GraphObject, GraphQuery, Period};
pub use pages::query::FeedQuery;
pub use service::item_evaluator::FeedItem;
pub use service::{FeedDetail, Feeds};
pub use serving::encoding::Encoding;
pub use serving::reader::{FeedReader, ReaderSettings};
pub use serving::response::{FeedResponse, WeakFeedResponse};
pub use settings::default_feed::join_default_feed;
pub use settings::feed_settings::FeedSettings;
pub use settings::word_change::WordChange;

/// The media types that a feed can show.
pub const MEDIA_TYPES: [&str; 3] = ["IMAGE", "VIDEO", "CAROUSEL_ALBUM"];
