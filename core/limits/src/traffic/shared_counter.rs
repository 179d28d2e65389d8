//! Who has taken how many of a key's requests, over all processes.

use super::meter::{Meter, Payer};
use crate::counters::{RedisCounters, Window, local_share};
use redis::{RedisResult, Script};
use std::{
    num::NonZeroU32,
    sync::{Arc, LazyLock},
    time::Duration,
};
use vitrine_redis::{Cause, Connection};

static LEASE: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("lease.lua")));

/// Most requests of one portion.
const LARGEST_PORTION: i64 = 100_000;
/// A window is remembered for longer than it lasts, for processes whose clocks are behind.
const REMEMBERED: Duration = Duration::from_mins(3);
/// How long a visitor may wait for the shared counter.
const REFILL_TIMEOUT: Duration = Duration::from_millis(100);

/// Hands out portions of what keys may make.
#[derive(Clone)]
pub enum SharedCounter {
    /// This process is alone, and takes all at once.
    Alone,
    /// Processes share a Redis.
    Shared(RedisCounters),
}

impl SharedCounter {
    /// A counter in Redis under a key prefix.
    #[must_use]
    pub fn over_redis(connection: Connection, prefix: &str) -> Self {
        Self::Shared(RedisCounters::new(connection, prefix))
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
        let (shared_counter, meter) = (self.clone(), Arc::clone(meter));
        // Nobody joins it: it ends with this one portion, after the refill's timeout at the latest.
        tokio::spawn(async move {
            let one_at_a_time = meter.refilling.lock().await;
            shared_counter.ask(&meter).await;
            drop(one_at_a_time);
            meter.end_asking();
        });
    }

    async fn ask(&self, meter: &Meter) {
        let (window, limit) = (meter.window(), meter.limit());
        let Self::Shared(counters) = self else {
            meter.supply_alone(window, i64::from(limit.get()));
            return;
        };
        match lease(counters, meter.payer(), window, limit).await {
            Ok((portion, left)) => meter.supply(window, portion, left),
            Err(error) => {
                // A late answer alone is no news: Redis may only be busy.
                if Cause::of(&error) != Cause::Silent {
                    tracing::warn!(error = %error, "requests of a key are counted by this process alone");
                }
                meter.supply_alone(window, i64::from(local_share(limit).get()));
            }
        }
    }
}

/// Takes a portion; also says what is left for others.
async fn lease(
    counters: &RedisCounters,
    payer: Payer,
    window: Window,
    limit: NonZeroU32,
) -> RedisResult<(i64, i64)> {
    let remembered = u64::try_from(REMEMBERED.as_millis()).unwrap_or(u64::MAX);
    let mut call = LEASE.key(counters.key("traffic", payer, window));
    call.arg(limit.get()).arg(LARGEST_PORTION).arg(remembered);
    counters.run_within(REFILL_TIMEOUT, &call).await
}
