//! The Graph host: token endpoints, users, media, each also under a version.

mod access;
mod dispatch;
mod fields;
mod listing;
mod media;
mod path;
mod selection;
mod token_endpoints;
mod user;

pub(crate) use access::holder;
pub(crate) use dispatch::serve;
