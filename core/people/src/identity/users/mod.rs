//! People, as they are stored.

pub(crate) mod email_address;
pub(super) mod orphans;
