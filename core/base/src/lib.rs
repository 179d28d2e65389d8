//! What every rule stands on. Nothing here knows of people, accounts or feeds.
//!
//! Time comes from a [`clock::Clock`] and chance from [`random`]. No rule knows which database stands behind
//! [`database::Database`].

pub mod cache;
pub mod clock;
pub mod database;
pub mod error_chain;
pub mod format_chars;
pub mod freshness;
#[cfg(any(test, feature = "fuzzing"))]
pub mod fuzzing;
pub mod hashed_id;
pub mod origins;
pub mod paging;
pub mod periodic_flush;
pub mod public_suffix;
pub mod query_batcher;
pub mod random;
pub mod security;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
pub mod thread_priority;
pub mod validation;
pub mod values;
pub mod web_address;
pub mod write_probe;
