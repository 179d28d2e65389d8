//! The host of files: signed links that die, pictures made when first asked for.

mod links;
mod pictures;
mod scene;
mod serve;
mod video;

pub(crate) use links::{File, LinkSigner};
pub(crate) use pictures::PictureCache;
pub(crate) use serve::serve;
