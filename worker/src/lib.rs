//! Workers: job handlers, outcomes and the scheduler.
//!
//! A worker runs one handler a job over the queue and, beside them, a scheduler that asks the
//! database what is due, an upkeep that looks after its times, and a postman who sends letters. Any number of worker processes may run; none of them leads.

mod context;
mod deletions;
mod ending;
mod jobs;
mod pace;
mod postman;
mod queued_jobs;
mod run;
mod scheduler;
mod tenant_tasks;
mod upkeep;

pub use context::{Context, WorkerSettings};
pub use queued_jobs::QueuedJobs;
pub use run::{class_names, run};
