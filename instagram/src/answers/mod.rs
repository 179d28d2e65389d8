//! What Instagram answers when it does what was asked: tokens, profiles, media.

pub(crate) mod grant;
pub(crate) mod json;
pub(crate) mod link;
pub(crate) mod media;
pub(crate) mod profile;
