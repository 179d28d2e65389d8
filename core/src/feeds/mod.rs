//! Feeds: what a site shows.

mod cache;
mod caption;
mod changes;
mod default_feed;
mod error;
mod photos;
mod position;
mod reader;
mod render;
mod select;
mod service;

pub use caption::Caption;
pub use changes::{FeedChanges, News};
pub(crate) use default_feed::join_default_feed;
pub use error::FeedError;
pub(crate) use position::Position;
pub use reader::{FeedReader, PhotosQuery};
pub use render::RenderedFeed;
pub(crate) use select::newest;
pub use service::{FeedDetail, Feeds};
