//! The files of media and profiles: signed links that die, pictures made when first asked for.

mod links;
mod pictures;
mod scene;
mod video;

pub use links::LinkLifetimes;
pub(crate) use links::{File, LinkSigner, file_of};
pub(crate) use pictures::{PictureCache, PictureRequest, make};
pub(crate) use video::video;
