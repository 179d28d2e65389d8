//! What every rule stands on. Nothing here knows of people, accounts or feeds.
//!
//! Time comes from a [`clock::Clock`] and chance from [`random`]. No rule knows which database stands behind
//! [`database::Database`].

pub mod background;
pub mod cache;
pub mod clock;
pub mod database;
pub mod error_chain;
pub mod format_chars;
#[cfg(any(test, feature = "fuzzing"))]
pub mod fuzzing;
pub mod hashed_id;
pub mod paging;
pub mod random;
pub mod security;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
pub mod validation;
pub mod web;
