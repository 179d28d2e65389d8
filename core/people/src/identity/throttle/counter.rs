//! Counts failures by key and window of time: in Redis where processes share one, else in this process.

use super::{local::LocalCounter, window::Window};
use redis::{RedisResult, Script};
use std::{
    sync::{Arc, LazyLock, Mutex, PoisonError},
    time::Duration,
};
use tokio::time::timeout;
use vitrine_redis::Connection;

static COUNT: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("count.lua")));

/// How long a sign-in waits for Redis; then this process counts alone.
const PATIENCE: Duration = Duration::from_millis(250);

/// Where failures are counted.
#[derive(Clone, Default)]
pub struct AttemptCounter {
    shared: Option<(Connection, Arc<str>)>,
    alone: Arc<Mutex<LocalCounter>>,
}

impl AttemptCounter {
    /// A tally of this process alone.
    #[must_use]
    pub fn alone() -> Self {
        Self::default()
    }

    /// A tally in Redis under a key prefix.
    #[must_use]
    pub fn over_redis(connection: Connection, prefix: &str) -> Self {
        Self {
            shared: Some((connection, prefix.into())),
            alone: Arc::default(),
        }
    }

    /// Adds to a count, and gives the sum.
    pub(super) async fn add(&self, key: &str, window: Window, by: i64) -> i64 {
        if let Some((connection, prefix)) = &self.shared {
            let key = format!("{prefix}:signin:{key}:{}", window.number());
            let counted = count(connection.clone(), &key, by, window.remembered());
            match timeout(PATIENCE, counted).await {
                Ok(Ok(sum)) => return sum,
                Ok(Err(error)) => {
                    tracing::warn!(error = %error, "failed logins are counted by this process alone")
                }
                Err(_) => {
                    tracing::warn!("failed logins are counted by this process alone: Redis takes too long")
                }
            }
        }
        let mut alone = self.alone.lock().unwrap_or_else(PoisonError::into_inner);
        alone.add(key, window, by)
    }
}

impl std::fmt::Debug for AttemptCounter {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Tally(shared: {})", self.shared.is_some())
    }
}

async fn count(mut connection: Connection, key: &str, by: i64, remembered: Duration) -> RedisResult<i64> {
    let mut script = COUNT.prepare_invoke();
    script.key(key).arg(by).arg(remembered.as_secs());
    script.invoke_async(&mut connection).await
}
