//! Job queue for apalis workers: on Redis with leases, and in process.
//!
//! A [`Queue`] takes [`NewJob`]s, [`run_workers`] runs handlers for them under an apalis monitor, and each
//! handler says with an [`Outcome`] how its job ended. Both engines keep the same promises: a job is delivered
//! at least once, its id is unique until it has ended, groups share a class fairly, and a job whose worker died
//! comes back when its lease runs out. Only the engine on Redis outlives the process.

mod backoff;
mod error;
mod job;
mod liveness;
mod memory;
mod meters;
mod names;
mod outcome;
mod queue;
mod redis;
mod stats;
mod store;
mod worker;

pub use error::QueueError;
pub use job::{Delivery, NewJob};
pub use names::{ClassName, GroupKey, JobId};
pub use outcome::Outcome;
pub use queue::Queue;
pub use redis::RedisOptions;
pub use stats::{ClassStats, DeadLetter, DeadSelection};
pub use worker::{ClassWorker, Handler, run_workers};
