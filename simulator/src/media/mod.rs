//! The media of an account: made from its seed when read, so that only edits need be kept.

mod captions;
mod edits;
pub(crate) mod files;
mod generate;
mod model;

pub(crate) use edits::MediaEdits;
pub use edits::{MediaEdit, MediaView, NewPost, PostKind};
pub use generate::MediaMix;
pub(crate) use generate::{StartingMedia, all_media};
pub(crate) use model::{Child, Media, MediaKind};
