//! Workers: from a leased job to its settlement.
//!
//! Each class has a feeder that fetches jobs ahead, an apalis worker that runs them, a flusher that settles them
//! in batches, and a renewer that keeps their leases.

mod backend;
mod buffer;
mod crew;
mod feeder;
mod flusher;
mod handler;
mod layer;
mod ledger;
mod pace;
mod renewer;
mod run;
mod station;

pub use handler::Handler;
pub use run::{ClassWorker, run_workers};
