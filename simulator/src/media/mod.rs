//! The media of an account: made from its seed when read, so that only edits need be kept.

mod captions;
mod desk;
mod edits;
mod generate;
mod model;
mod shelf;

pub(crate) use edits::MediaEdits;
pub use edits::{MediaEdit, MediaView, NewPost, PostKind};
pub(crate) use model::{Child, Media, MediaKind};
pub(crate) use shelf::Shelves;
