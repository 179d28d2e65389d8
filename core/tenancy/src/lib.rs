//! A tenant as a whole: its export and its deletion, answers that are kept for it, and what is left over.

pub mod idempotency;
pub mod retention;
pub mod tenants;
