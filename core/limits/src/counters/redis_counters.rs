//! Counters in a Redis that processes share.

use super::Window;
use redis::{AsyncCommands, FromRedisValue, RedisResult, ScriptInvocation};
use std::{collections::HashMap, fmt::Display, sync::Arc, time::Duration};
use vitrine_redis::{Connection, within};

/// Where processes count together: a Redis, and what the keys of its counters begin with. Clones share the connection.
#[derive(Clone, Debug)]
pub struct RedisCounters {
    connection: Connection,
    prefix: Arc<str>,
}

impl RedisCounters {
    /// Counters under a key prefix.
    #[must_use]
    pub fn new(connection: Connection, prefix: &str) -> Self {
        Self {
            connection,
            prefix: prefix.into(),
        }
    }

    /// The key of a counter that counts in one window.
    #[must_use]
    pub fn key(&self, kind: &str, name: impl Display, window: Window) -> String {
        format!("{}:{kind}:{name}:{}", self.prefix, window.number())
    }

    /// The key of a counter that keeps its windows itself. All of a kind share one hash tag, so that one script may
    /// touch several of them in a cluster.
    #[must_use]
    pub fn key_in_slot(&self, kind: &str, name: impl Display) -> String {
        format!("{{{}:{kind}}}:{name}", self.prefix)
    }

    /// Runs a script; waits as long as the connection does.
    ///
    /// # Errors
    /// When Redis is away or refuses.
    pub async fn run<T: FromRedisValue>(&self, call: &ScriptInvocation<'_>) -> RedisResult<T> {
        call.invoke_async(&mut self.connection.clone()).await
    }

    /// Runs a script for somebody who waits only so long. After the limit it may still be executed.
    ///
    /// # Errors
    /// When Redis is away or refuses; [`Cause::Silent`](vitrine_redis::Cause::Silent) after the limit.
    pub async fn run_within<T: FromRedisValue>(
        &self,
        limit: Duration,
        call: &ScriptInvocation<'_>,
    ) -> RedisResult<T> {
        within(limit, self.run(call)).await
    }

    /// The numbers that a counter keeps in a hash.
    ///
    /// # Errors
    /// When Redis is away or refuses.
    pub async fn numbers(&self, key: &str) -> RedisResult<HashMap<String, i64>> {
        self.connection.clone().hgetall(key).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use vitrine_redis::Address;

    #[tokio::test]
    async fn an_older_process_beside_this_one_counts_under_the_same_keys() {
        let address = Address::read("redis://127.0.0.1:1").unwrap();
        let (connection, _health_check) = Connection::new(&address, "p").unwrap();
        let counters = RedisCounters::new(connection, "p");

        let minute = Window::minute_of_number(29_000_000);
        assert_eq!(
            counters.key("traffic", "key:1", minute),
            "p:traffic:key:1:29000000"
        );
        assert_eq!(counters.key_in_slot("budget", "app"), "{p:budget}:app");
    }
}
