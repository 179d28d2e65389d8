//! Workers: job handlers, outcomes and the scheduler.
//!
//! A worker runs one handler a job over the queue. Beside them run a scheduler that asks the database what is due,
//! maintenance that forgets what is old, and a mail worker. Any number of worker processes may run; none of them leads.

mod claim_rate;
mod context;
mod deletions;
mod job_queue;
mod jobs;
mod mail_worker;
mod maintenance;
mod run;
mod run_outcome;
mod scheduler;
mod tenant_tasks;

pub use context::{Context, WorkerSettings};
pub use job_queue::QueueAdapter;
pub use run::{class_names, run};
