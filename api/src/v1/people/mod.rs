//! People: how they sign in, what they are to a tenant, and who else belongs to it.

pub(crate) mod auth;
pub(crate) mod invitations;
pub(crate) mod me;
pub(crate) mod members;
pub(crate) mod recovery;
pub(crate) mod second_factor;
pub(crate) mod sessions;
pub(crate) mod switching;
