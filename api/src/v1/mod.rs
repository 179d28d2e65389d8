//! Version 1 of the API, one file a resource.

pub(crate) mod accounts;
pub(crate) mod api_keys;
pub(crate) mod audit_log;
pub(crate) mod auth;
pub(crate) mod callbacks;
pub(crate) mod connections;
pub(crate) mod feed_documents;
pub(crate) mod feed_items;
mod feed_view;
pub(crate) mod feeds;
pub(crate) mod invitations;
pub(crate) mod jobs;
pub(crate) mod me;
pub(crate) mod media;
pub(crate) mod members;
pub(crate) mod own_key;
pub(crate) mod photos;
mod plan_view;
pub(crate) mod recovery;
pub(crate) mod schemas;
pub(crate) mod second_factor;
pub(crate) mod sessions;
pub(crate) mod switching;
pub(crate) mod tenant;
pub(crate) mod tenant_tasks;
pub(crate) mod usage;
