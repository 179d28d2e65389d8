//! Work beside what somebody waits for.

pub mod leased_work;
mod periodic_flush;
pub mod thread_pool;
mod thread_priority;

pub use periodic_flush::flush_until;
pub use thread_pool::{ThreadLimits, ThreadPool};
pub use thread_priority::lower_priority;
