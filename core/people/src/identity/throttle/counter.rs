//! Counts failures by key and window of time: in Redis where processes share one, else in this process.

use super::local::LocalCounter;
use redis::{RedisError, RedisResult, Script};
use std::{
    sync::{Arc, LazyLock, Mutex, PoisonError},
    time::Duration,
};
use vitrine_limits::counters::{RedisCounters, Window};
use vitrine_redis::{Cause, Connection};

static COUNT: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("count.lua")));

/// How long a sign-in waits for Redis; then this process counts alone.
const PATIENCE: Duration = Duration::from_millis(250);

/// Where failures are counted.
#[derive(Clone, Default)]
pub struct AttemptCounter {
    shared: Option<RedisCounters>,
    alone: Arc<Mutex<LocalCounter>>,
}

impl AttemptCounter {
    /// A counter of this process alone.
    #[must_use]
    pub fn alone() -> Self {
        Self::default()
    }

    /// A counter in Redis under a key prefix.
    #[must_use]
    pub fn over_redis(connection: Connection, prefix: &str) -> Self {
        Self {
            shared: Some(RedisCounters::new(connection, prefix)),
            alone: Arc::default(),
        }
    }

    /// Adds to a count, and gives the sum.
    pub(super) async fn add(&self, key: &str, window: Window, by: i64) -> i64 {
        if let Some(shared) = &self.shared {
            match count(shared, key, window, by).await {
                Ok(sum) => return sum,
                Err(error) => log_absence(&error),
            }
        }
        let mut alone = self.alone.lock().unwrap_or_else(PoisonError::into_inner);
        alone.add(key, window, by)
    }
}

impl std::fmt::Debug for AttemptCounter {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "AttemptCounter(shared: {})", self.shared.is_some())
    }
}

async fn count(shared: &RedisCounters, key: &str, window: Window, by: i64) -> RedisResult<i64> {
    // Twice as long as it lasts, for processes whose clocks are behind.
    let remembered = 2 * window.length();
    let mut call = COUNT.key(shared.key("signin", key, window));
    call.arg(by).arg(remembered.as_secs());
    shared.run_within(PATIENCE, &call).await
}

fn log_absence(error: &RedisError) {
    if Cause::of(error) == Cause::Silent {
        tracing::warn!("failed logins are counted by this process alone: Redis takes too long");
    } else {
        tracing::warn!(error = %error, "failed logins are counted by this process alone");
    }
}
