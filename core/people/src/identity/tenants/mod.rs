//! Tenants, as people know them: which they belong to, and what can be changed about one.

pub(super) mod settings;
pub(super) mod tenancies;
