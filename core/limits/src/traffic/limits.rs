//! How many requests the operator allows.

use std::num::NonZeroU32;

/// What the operator decided about visitors' requests.
#[derive(Clone, Copy, Debug)]
pub struct TrafficLimits {
    /// Requests that one key may make in a minute, over all processes.
    pub requests_per_minute: NonZeroU32,
    /// Requests a day that a tenant's plan includes; those beyond are answered all the same.
    pub requests_per_day: Option<NonZeroU32>,
}
