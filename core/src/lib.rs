//! The rules of Vitrine: tenants, accounts, tokens, budgets, feeds and jobs.
//!
//! Nothing here knows how requests arrive or how jobs are run, and no rule knows which database or
//! queue stands behind it: time comes from a [`clock::Clock`], jobs leave through
//! [`jobs::JobQueue`], calls are paid from a [`budget::Budget`].

pub mod accounts;
pub mod audit;
mod batches;
pub mod budget;
pub mod callbacks;
pub mod causes;
pub mod clock;
pub mod connections;
pub mod database;
pub mod feeds;
mod freshness;
#[cfg(any(test, feature = "fuzzing"))]
pub mod fuzzing;
mod grouping;
mod hashed_id;
pub mod idempotency;
pub mod identity;
pub mod jobs;
pub mod keys;
pub mod leftovers;
pub mod mail;
mod marks;
mod memory;
pub mod origins;
pub mod paging;
pub mod plans;
mod priority;
mod public_suffix;
pub mod security;
pub mod teams;
pub mod tenants;
#[cfg(test)]
mod testing;
pub mod traffic;
pub mod usage;
pub mod validation;
mod values;
pub mod web_address;
pub mod writes;
