//! What is counted: calls to Instagram, and what visitors ask for.

use std::sync::Arc;

use vitrine_limits::budget::{Budget, BudgetLimits, MemoryBudget, RedisBudget, SharedBudget};
use vitrine_limits::traffic::{SharedCounter, Traffic, TrafficLimits};

use super::parts::Parts;
use crate::config::Settings;

/// How many calls may be made; processes that share a Redis share the count.
pub(super) fn budget(settings: &Settings, parts: &Parts) -> Arc<dyn Budget> {
    let limits = BudgetLimits {
        token_calls_per_hour: settings.instagram.calls_per_hour,
        app_calls_per_hour: settings.instagram.app_calls_per_hour,
    };
    let clock = Arc::clone(&parts.clock);
    match &parts.engines.redis {
        Some(redis) => {
            let connection = redis.clone();
            let shared = RedisBudget::new(connection, &settings.redis.prefix, Arc::clone(&clock), limits);
            Arc::new(SharedBudget::new(shared, clock, limits))
        }
        None => Arc::new(MemoryBudget::new(clock, limits)),
    }
}

/// What visitors may ask for; processes that share a Redis share the count.
pub(super) fn traffic(settings: &Settings, parts: &Parts) -> Traffic {
    let shared_counter = match &parts.engines.redis {
        Some(redis) => SharedCounter::over_redis(redis.clone(), &settings.redis.prefix),
        None => SharedCounter::Alone,
    };
    let limits = TrafficLimits {
        requests_per_minute: settings.feeds.requests_per_minute,
        requests_per_day: settings.feeds.requests_per_day,
    };
    let database = parts.engines.database.clone();
    Traffic::new(database, Arc::clone(&parts.clock), shared_counter, limits)
}
