//! What may still be asked for.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

/// What may still be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Allowance {
    /// Requests in a minute.
    pub limit: u32,
    /// Those that are left, as far as this process knows.
    pub remaining: u32,
    /// Seconds until the minute ends, at least one.
    pub resets_in_seconds: u32,
    /// The plan of the tenant, where it ends somewhere.
    pub plan: Option<PlanAllowance>,
}

/// What is left of a tenant's plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PlanAllowance {
    /// Requests in a day.
    pub limit: u32,
    /// Those that are left, as last written down; at zero requests are answered all the same.
    pub remaining: u32,
    /// Seconds until the day ends in UTC, at least one.
    pub resets_in_seconds: u32,
}

/// Requests of a tenant on one day, as last written down; all its meters share it.
#[derive(Debug, Default)]
pub(super) struct Day {
    /// Days since 1970.
    number: AtomicI64,
    requests: AtomicU64,
}

impl Day {
    /// Notes what the database says.
    pub(super) fn note(&self, number: i64, requests: u64) {
        self.number.store(number, Ordering::Relaxed);
        self.requests.store(requests, Ordering::Relaxed);
    }

    /// Requests on this day.
    pub(super) fn requests_on(&self, number: i64) -> u64 {
        let same = self.number.load(Ordering::Relaxed) == number;
        if same {
            self.requests.load(Ordering::Relaxed)
        } else {
            0
        }
    }
}
