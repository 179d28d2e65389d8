//! Which Redis carries a queue.

use std::fmt;

/// How to reach the Redis that carries a queue.
#[derive(Clone)]
pub struct RedisOptions {
    /// `redis://` or `rediss://`, with user, password and database as needed. A Redis Cluster is
    /// `redis+cluster://user:password@host:port` or `rediss+cluster://`, with further nodes to ask first as
    /// `?node=host:port&node=host:port`; one that answers is enough to find all others.
    pub url: String,
    /// Starts every key, so that several queues can share one Redis.
    pub prefix: String,
    /// Dead letters kept in each class; the oldest go first.
    pub dead_letters: usize,
}

impl RedisOptions {
    /// A queue at this address with the prefix `vitrine` and 1,000 dead letters a class.
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            prefix: "vitrine".to_owned(),
            dead_letters: 1_000,
        }
    }
}

impl fmt::Debug for RedisOptions {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The address may carry a password.
        formatter
            .debug_struct("RedisOptions")
            .field("prefix", &self.prefix)
            .finish_non_exhaustive()
    }
}
