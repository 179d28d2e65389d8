//! Counts failures by key and window of time: in Redis where processes share one, else in this process.

use super::window::Window;
use redis::{RedisResult, Script};
use std::{
    collections::HashMap,
    sync::{Arc, LazyLock, Mutex, PoisonError},
    time::Duration,
};
use tokio::time::timeout;
use vitrine_redis::Connection;

static COUNT: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("count.lua")));

/// How long a sign-in waits for Redis; then this process counts alone.
const PATIENCE: Duration = Duration::from_millis(250);
/// Counts of windows that are over are dropped when so many are held.
const SWEPT_AT: usize = 10_000;

/// Where failures are counted.
#[derive(Clone, Default)]
pub struct Tally {
    shared: Option<(Connection, Arc<str>)>,
    /// By the end of the window, in seconds, and the key.
    alone: Arc<Mutex<HashMap<(i64, String), i64>>>,
}

impl Tally {
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
                    tracing::warn!(error = %error, "failed sign-ins are counted by this process alone")
                }
                Err(_) => {
                    tracing::warn!("failed sign-ins are counted by this process alone: Redis takes too long")
                }
            }
        }
        self.add_alone(key, window, by)
    }

    fn add_alone(&self, key: &str, window: Window, by: i64) -> i64 {
        let mut counts = self.alone.lock().unwrap_or_else(PoisonError::into_inner);
        if counts.len() >= SWEPT_AT {
            counts.retain(|(ends, _), _| *ends > window.begins());
        }
        let sum = counts.entry((window.ends(), key.to_owned())).or_default();
        *sum += by;
        *sum
    }
}

impl std::fmt::Debug for Tally {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Tally(shared: {})", self.shared.is_some())
    }
}

async fn count(mut connection: Connection, key: &str, by: i64, remembered: Duration) -> RedisResult<i64> {
    let mut script = COUNT.prepare_invoke();
    script.key(key).arg(by).arg(remembered.as_secs());
    script.invoke_async(&mut connection).await
}
