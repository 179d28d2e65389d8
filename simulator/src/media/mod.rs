//! The media of an account: made from its seed when read, so that only edits need be kept.

mod captions;
mod edits;
pub(crate) mod files;
mod generate;
mod model;

pub(crate) use edits::MediaEdits;
pub use edits::{MediaEdit, MediaView, NewPost, PostKind};
pub(crate) use generate::{posted_media, starting_media};
pub(crate) use model::{Child, Media, MediaKind};
