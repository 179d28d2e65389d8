//! Workers: from a leased job to its settlement.
//!
//! Each class has a feeder that fetches jobs ahead, an apalis worker that runs them, a flusher that settles them
//! in batches, and a renewer that keeps their leases.

mod backend;
mod buffer;
mod flusher;
mod handler;
mod handler_service;
mod layer;
mod lease_table;
mod prefetch_size;
mod prefetcher;
mod renewer;
mod run;
mod tasks;
mod worker_state;

pub use handler::Handler;
pub use run::{ClassWorker, run_workers};
