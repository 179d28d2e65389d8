//! Workers: job handlers, outcomes and the scheduler.
//!
//! A worker runs one handler a job over the queue and, beside them, a scheduler that asks the
//! database what is due. Any number of worker processes may run; none of them leads.

mod context;
mod ending;
mod jobs;
mod queued_jobs;
mod run;
mod scheduler;

pub use context::{Context, WorkerSettings};
pub use queued_jobs::QueuedJobs;
pub use run::{class_names, run};
