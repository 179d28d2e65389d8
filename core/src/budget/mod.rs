//! The call budget: no call to Instagram without a unit that was reserved before.
//!
//! Units are counted over a rolling hour in buckets of a minute, for each token and for the app.
//! A share of each token's hour is kept back from the schedule, so that a refresh or a person's
//! click always finds one.

mod memory;
mod redis;
mod window;

pub use memory::MemoryBudget;
pub use redis::RedisBudget;

use async_trait::async_trait;
use std::{num::NonZeroU32, time::Duration};
use vitrine_entity::{AccountId, Time};

/// How far back units count.
pub const WINDOW: Duration = Duration::from_hours(1);
/// One part in so many is kept back from the schedule.
const KEPT_BACK: u32 = 5;

/// Who pays for a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Payer {
    /// The app alone: no account is known yet.
    App,
    /// The token of an account, and the app with it.
    Token(AccountId),
}

/// What a call is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CallClass {
    /// Keeping a token alive.
    Refresh,
    /// Somebody waits.
    Interactive,
    /// The schedule.
    Sync,
}

/// The answer to who asks for a unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reservation {
    /// One call may be made, now.
    Granted,
    /// No call may be made before this moment.
    Until(Time),
}

/// How much of a budget is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BudgetUse {
    /// Units used within the last hour.
    pub used: u32,
    /// When the oldest of them stops counting.
    pub resets_at: Option<Time>,
    /// Until when the platform asked for quiet.
    pub blocked_until: Option<Time>,
}

/// How many units there are.
#[derive(Clone, Copy, Debug)]
pub struct BudgetLimits {
    /// Calls that one token may make in an hour.
    pub token_calls_per_hour: NonZeroU32,
    /// Calls that the app may make in an hour; none means that only the platform limits it.
    pub app_calls_per_hour: Option<NonZeroU32>,
}

impl BudgetLimits {
    /// Units of a token's hour that a class may use.
    fn token(&self, class: CallClass) -> u32 {
        let all = self.token_calls_per_hour.get();
        match class {
            CallClass::Refresh | CallClass::Interactive => all,
            CallClass::Sync => (all - all / KEPT_BACK).max(1),
        }
    }

    /// Units of the app's hour.
    fn app(&self) -> u32 {
        self.app_calls_per_hour.map_or(u32::MAX, NonZeroU32::get)
    }
}

/// The budget could not be asked.
#[derive(Debug, thiserror::Error)]
#[error("the call budget does not answer")]
pub struct BudgetUnavailable(#[source] pub Box<dyn std::error::Error + Send + Sync>);

/// One budget, seen the same by every worker that shares it.
#[async_trait]
pub trait Budget: Send + Sync {
    /// Takes a unit of the payer's and of the app's hour, both or neither.
    ///
    /// # Errors
    /// When the budget does not answer; then no call may be made.
    async fn reserve(&self, payer: Payer, class: CallClass) -> Result<Reservation, BudgetUnavailable>;

    /// Closes a budget until a moment; the later of two moments counts.
    ///
    /// # Errors
    /// When the budget does not answer.
    async fn block(&self, payer: Payer, until: Time) -> Result<(), BudgetUnavailable>;

    /// How much of an account's hour is used.
    ///
    /// # Errors
    /// When the budget does not answer.
    async fn usage(&self, account: AccountId) -> Result<BudgetUse, BudgetUnavailable>;
}
