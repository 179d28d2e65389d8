//! People: who somebody is, who belongs to a tenant, what they are written to, and what they changed.

pub mod audit;
#[cfg(any(test, feature = "fuzzing"))]
pub mod fuzzing;
pub mod identity;
pub mod mail;
pub mod teams;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
