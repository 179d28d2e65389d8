//! Work on rows that one run at a time has to itself.
//!
//! A row is due from some moment on. A run claims it under a [`Lease`], which ends by itself: what a dead process held
//! is claimed again. A run that goes on extends its lease beside its work, see [`with_renewal`]. What it writes is
//! written only while the lease is its own. A try that failed is followed by another one after a [`Backoff`].
//!
//! [`LeasedRows`] says which columns of a table hold all this, and makes the statements of them.

mod backoff;
mod fair_claim;
mod lease;
mod renewal;
mod rows;

pub use backoff::Backoff;
pub use fair_claim::{Claimed, FairClaim};
pub use lease::Lease;
pub use renewal::with_renewal;
pub use rows::{LeaseNames, LeasedRows};
