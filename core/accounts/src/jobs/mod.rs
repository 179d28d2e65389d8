//! Jobs: what they carry, how they leave, and what is known of them afterwards.

mod error;
mod history;
mod paused;
mod payload;
#[cfg(test)]
mod pruning;
mod queue;
mod requests;
mod result;
mod service;

pub use error::JobError;
pub use history::{JobFilter, JobHistory};
pub(crate) use paused::{everything_paused_since, is_paused};
pub use payload::{AccountJob, Job, JobClass, QueuedJob, UnreadableJob};
pub use queue::{JobQueue, QueueUnavailable};
pub use requests::JobRequests;
pub use result::JobResult;
pub use service::Jobs;
