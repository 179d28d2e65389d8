//! Why the queue could not do what it was asked.

/// An error of the queue. A failed push may or may not have arrived: pushing the same jobs again is safe.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum QueueError {
    /// The address is not one that can be connected to.
    #[error("the Redis address is not usable")]
    Address(#[source] redis::RedisError),
    /// Redis could not be reached in time, or refused. Worth another try later.
    #[error("Redis did not {operation}: {cause}")]
    Redis {
        /// What was asked of it.
        operation: &'static str,
        /// What it, or the connection to it, answered. It is part of the message, because logs show no sources.
        cause: redis::RedisError,
    },
    /// An id is empty or longer than 512 bytes.
    #[error("a job's id has {0} bytes, and may have 1 to 512")]
    IdLength(usize),
    /// A group key is longer than the 65,535 bytes that can be stored.
    #[error("the group key of job {0} is too long")]
    GroupTooLong(crate::JobId),
    /// A payload is longer than 1 MiB.
    #[error("the payload of job {id} has {bytes} bytes, and may have up to 1,048,576")]
    PayloadTooLong {
        /// Whose payload it is.
        id: crate::JobId,
        /// How long it is.
        bytes: usize,
    },
    /// The queue was closed.
    #[error("the queue is closed")]
    Closed,
    /// The monitor ended on an error of its own.
    #[error("the workers ended")]
    Workers(#[source] apalis_core::monitor::MonitorError),
}

impl QueueError {
    /// What kind of trouble Redis has; none when it is not Redis' trouble.
    #[must_use]
    pub fn redis_cause(&self) -> Option<vitrine_redis::Cause> {
        match self {
            Self::Redis { cause, .. } => Some(vitrine_redis::Cause::of(cause)),
            Self::Address(_)
            | Self::IdLength(_)
            | Self::GroupTooLong(_)
            | Self::PayloadTooLong { .. }
            | Self::Closed
            | Self::Workers(_) => None,
        }
    }
}
