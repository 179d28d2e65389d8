//! Why the queue could not do what it was asked.

/// An error of the queue. A failed push may or may not have arrived: pushing the same jobs again is safe.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum QueueError {
    /// The address is not one that can be connected to.
    #[error("the Redis address is not usable")]
    Address(#[source] redis::RedisError),
    /// Redis could not be reached in time, or refused. Worth another try later.
    #[error("Redis did not {operation}")]
    Redis {
        /// What was asked of it.
        operation: &'static str,
        /// What it, or the connection to it, answered.
        #[source]
        source: redis::RedisError,
    },
    /// A group key is longer than the 65,535 bytes that can be stored.
    #[error("the group key of job {0} is too long")]
    GroupTooLong(crate::JobId),
    /// The queue was closed.
    #[error("the queue is closed")]
    Closed,
    /// The monitor ended on an error of its own.
    #[error("the workers ended")]
    Workers(#[source] apalis_core::monitor::MonitorError),
}
