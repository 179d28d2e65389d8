//! How somebody proves to be themselves: to log in, to join a tenant, and once more before something lasting.

pub(super) mod login;
pub(super) mod proof;
pub(super) mod reauthentication;
