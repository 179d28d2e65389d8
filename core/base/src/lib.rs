//! What every rule stands on. Nothing here knows of people, accounts or feeds.
//!
//! Time comes from a [`clock::Clock`], and no rule knows which database stands behind [`database::Database`].

pub mod batches;
pub mod causes;
pub mod clock;
pub mod database;
pub mod freshness;
#[cfg(any(test, feature = "fuzzing"))]
pub mod fuzzing;
pub mod grouping;
pub mod hashed_id;
pub mod marks;
pub mod memory;
pub mod origins;
pub mod paging;
pub mod priority;
pub mod public_suffix;
pub mod security;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
pub mod validation;
pub mod values;
pub mod web_address;
pub mod writes;
