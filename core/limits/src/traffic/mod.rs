//! Visitors' requests: how many a key may make, and how many were made.
//!
//! Both are counted in memory, so that a warm read waits for nobody. What a key may make is handed out
//! in portions by the counter that all processes share; what was made is written down in batches.

mod allowance;
mod limits;
mod meter;
mod shared_counter;
mod usage;

pub use allowance::{Allowance, PlanAllowance};
pub use limits::TrafficLimits;
use meter::Meter;
pub use meter::Payer;
pub use shared_counter::SharedCounter;

use allowance::Day;
use meter::Taken;
use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};
use vitrine_base::{clock::SharedClock, database::Database};
use vitrine_entity::{TenantId, Time};

/// How often what was counted is written down.
const FLUSH_INTERVAL: Duration = Duration::from_secs(10);
/// A meter that counted nothing for so many minutes is dropped.
const IDLE_MINUTES: i64 = 5;
/// Portions that one request may wait for while others snatch them away; then it is let through.
const TRIES: usize = 3;

/// A key has made all the requests that it may make for now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the key has used up its requests for this minute")]
pub struct OverLimit {
    /// What it may make, and when it may go on.
    pub allowance: Allowance,
}

/// Where the requests of one key are counted.
#[derive(Clone)]
pub struct KeyCounter(Arc<Meter>);

impl KeyCounter {
    /// Whether the tenant's plan ends somewhere.
    #[must_use]
    pub fn has_plan(&self) -> bool {
        self.0.has_plan()
    }
}

#[derive(Default)]
struct Meters {
    by_payer: HashMap<Payer, Arc<Meter>>,
    days: HashMap<TenantId, Arc<Day>>,
}

/// Counts visitors' requests. Clones share the counts.
#[derive(Clone)]
pub struct Traffic {
    meters: Arc<RwLock<Meters>>,
    shared_counter: SharedCounter,
    clock: SharedClock,
    database: Database,
    limits: TrafficLimits,
}

impl Traffic {
    /// Counts that begin at zero.
    #[must_use]
    pub fn new(
        database: Database,
        clock: SharedClock,
        shared_counter: SharedCounter,
        limits: TrafficLimits,
    ) -> Self {
        Self {
            meters: Arc::default(),
            shared_counter,
            clock,
            database,
            limits,
        }
    }

    /// Takes one request from what `payer` may make; counts it for the tenant.
    ///
    /// Waits for the shared counter only when this process has no portion left, and not for long.
    ///
    /// # Errors
    /// [`OverLimit`] until the minute ends.
    pub async fn take(&self, payer: Payer, tenant: TenantId) -> Result<Allowance, OverLimit> {
        let meter = self.meter(payer, tenant);
        for _ in 0..TRIES {
            let now = self.clock.now();
            match self.take_at(&meter, now) {
                Taken::Yes => return Ok(meter.allowance(now)),
                Taken::Spent => {
                    return Err(OverLimit {
                        allowance: meter.allowance(now),
                    });
                }
                Taken::NoPortion => self.shared_counter.refill(&meter).await,
            }
        }
        meter.let_through();
        Ok(meter.allowance(self.clock.now()))
    }

    /// Where the requests of `payer` are counted, for those who count many.
    #[must_use]
    pub fn counter(&self, payer: Payer, tenant: TenantId) -> KeyCounter {
        KeyCounter(self.meter(payer, tenant))
    }

    /// Takes one request without waiting; nothing when it would have to wait or is refused.
    #[must_use]
    pub fn take_from(&self, counter: &KeyCounter) -> Option<Allowance> {
        let (meter, now) = (&counter.0, self.clock.now());
        match self.take_at(meter, now) {
            Taken::Yes => Some(meter.allowance(now)),
            Taken::Spent | Taken::NoPortion => None,
        }
    }

    /// What `payer` may still ask for, as far as this process knows; counts nothing.
    #[must_use]
    pub fn left(&self, payer: Payer, tenant: TenantId) -> Allowance {
        let (meter, now) = (self.meter(payer, tenant), self.clock.now());
        meter.peek(now)
    }

    fn take_at(&self, meter: &Arc<Meter>, now: Time) -> Taken {
        let taken = meter.take(now);
        if taken == Taken::Yes && meter.runs_low() {
            self.shared_counter.refill_in_background(meter);
        }
        taken
    }

    fn meter(&self, payer: Payer, tenant: TenantId) -> Arc<Meter> {
        let known = self.meters.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(meter) = known.by_payer.get(&payer) {
            return Arc::clone(meter);
        }
        drop(known);
        let mut meters = self.meters.write().unwrap_or_else(PoisonError::into_inner);
        let day = Arc::clone(meters.days.entry(tenant).or_default());
        let new = || Arc::new(Meter::new(payer, tenant, day, self.limits));
        Arc::clone(meters.by_payer.entry(payer).or_insert_with(new))
    }
}

#[cfg(test)]
mod tests;
