//! Who asks, and what they may do.
//!
//! Middleware finds out who asks before any body is read; the handler's first parameter,
//! [`Allowed`], says what is needed. Who sends a body slowly is asked again once it is there.

mod caller;
mod credential;
mod identify;
mod permission;
pub(crate) mod refresh_cookie;

pub(crate) use caller::Caller;
pub(crate) use identify::{
    caller_of, identify, identify_graph_visitor, identify_visitor, key_in_address, key_in_query,
    refuse_secret, signed_in, token_in_address, user_secret_in_query,
};
pub(crate) use permission::{
    Allowed, KeyHolder, ManageKeys, ManageMembers, ManageTenant, OwnTenant, ReadAccounts, ReadAudit,
    ReadFeeds, ReadJobs, ReadPhotos, ReadTenant, WriteAccounts, WriteFeeds, still_allowed,
};
