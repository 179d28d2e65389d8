//! Connections that hear what is published.

use std::io;

use redis::{Client, RedisError, RedisResult, aio::PubSub};
use tokio::time::timeout;

use crate::{ANSWER, Address, CONNECT};

/// A connection for subscriptions to this seed. A cluster tells every node what is published on any, so one that
/// answers will do.
///
/// # Errors
/// When the server is away, refuses, or takes too long.
pub async fn subscriber(seed: &Client) -> RedisResult<PubSub> {
    match timeout(CONNECT, seed.get_async_pubsub()).await {
        Ok(connected) => connected,
        Err(_) => Err(too_slow()),
    }
}

/// Why none of the seeds can be reached; none when one can. The client of a cluster only says that it found no
/// node.
pub async fn trouble(address: &Address) -> Option<RedisError> {
    let mut reason = None;
    for seed in address.seeds() {
        reason = Some(subscriber(seed).await.err()?);
    }
    reason
}

/// What Redis answers, unless that takes longer than [`ANSWER`].
///
/// # Errors
/// Those of the answer, and when there is none in time.
pub async fn in_time<T>(answer: impl Future<Output = RedisResult<T>>) -> RedisResult<T> {
    timeout(ANSWER, answer).await.unwrap_or_else(|_| Err(too_slow()))
}

fn too_slow() -> RedisError {
    io::Error::from(io::ErrorKind::TimedOut).into()
}
