//! Who has taken how many of a key's requests, over all processes.

use super::meter::Meter;
use redis::{RedisResult, Script};
use std::{
    sync::{Arc, LazyLock},
    time::Duration,
};
use tokio::time::timeout;
use vitrine_redis::Connection;

static LEASE: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("lease.lua")));

/// Most requests of one portion.
const LARGEST_PORTION: i64 = 100_000;
/// A window is remembered for longer than it lasts, for processes whose clocks are behind.
const REMEMBERED: Duration = Duration::from_mins(3);
/// How long a visitor may wait for the ledger.
const REFILL_TIMEOUT: Duration = Duration::from_millis(100);
/// While the ledger is away each process works on with one part in so many of the limit.
const SHARE_ALONE: i64 = 4;

/// Hands out portions of what keys may make.
#[derive(Clone)]
pub enum QuotaPool {
    /// This process is alone, and takes all at once.
    Alone,
    /// Processes share a Redis.
    Shared {
        /// Where it is.
        connection: Connection,
        /// What its keys begin with.
        prefix: Arc<str>,
    },
}

impl QuotaPool {
    /// A ledger in Redis under a key prefix.
    #[must_use]
    pub fn over_redis(connection: Connection, prefix: &str) -> Self {
        Self::Shared {
            connection,
            prefix: prefix.into(),
        }
    }

    /// Gets a meter its next portion, once for all who wait.
    pub(super) async fn refill(&self, meter: &Meter) {
        let _one_at_a_time = meter.refilling.lock().await;
        if !meter.is_supplied() {
            self.ask(meter).await;
        }
    }

    /// The same before the last portion ends, behind the visitor's back.
    pub(super) fn refill_in_background(&self, meter: &Arc<Meter>) {
        if matches!(self, Self::Alone) || !meter.begin_asking() {
            return;
        }
        let (quota_pool, meter) = (self.clone(), Arc::clone(meter));
        tokio::spawn(async move {
            let one_at_a_time = meter.refilling.lock().await;
            quota_pool.ask(&meter).await;
            drop(one_at_a_time);
            meter.end_asking();
        });
    }

    async fn ask(&self, meter: &Meter) {
        let (window, limit) = (meter.window(), i64::from(meter.limit()));
        let Self::Shared { connection, prefix } = self else {
            meter.supply_alone(window, limit);
            return;
        };
        let key = format!("{prefix}:traffic:{}:{window}", meter.payer());
        match timeout(REFILL_TIMEOUT, lease(connection.clone(), &key, limit)).await {
            Ok(Ok((portion, left))) => meter.supply(window, portion, left),
            Ok(Err(error)) => {
                tracing::warn!(error = %error, "requests of a key are counted by this process alone");
                meter.supply_alone(window, share_alone(limit));
            }
            Err(_) => meter.supply_alone(window, share_alone(limit)),
        }
    }
}

fn share_alone(limit: i64) -> i64 {
    (limit / SHARE_ALONE).max(1)
}

async fn lease(mut connection: Connection, key: &str, limit: i64) -> RedisResult<(i64, i64)> {
    let remembered = u64::try_from(REMEMBERED.as_millis()).unwrap_or(u64::MAX);
    LEASE
        .key(key)
        .arg(limit)
        .arg(LARGEST_PORTION)
        .arg(remembered)
        .invoke_async(&mut connection)
        .await
}
