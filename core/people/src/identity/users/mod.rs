//! People as they are stored, and their places in tenants.

pub(crate) mod email_address;
pub(super) mod memberships;
pub(super) mod names;
pub(super) mod orphans;
pub(super) mod profile;
pub(crate) mod rows;
pub(super) mod tenants;
