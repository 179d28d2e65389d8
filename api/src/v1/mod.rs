//! Version 1 of the API: a folder a subject, one file a resource.

pub(crate) mod accounts;
pub(crate) mod api_keys;
pub(crate) mod feeds;
pub(crate) mod people;
pub(crate) mod tenant;
