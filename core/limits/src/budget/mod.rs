//! The call budget: no call to Instagram without a unit that was reserved before.
//!
//! Units are counted over a rolling hour in buckets of a minute, for each token and for the app. A share of
//! each hour is kept back from the schedule, so that a refresh or a person's click always finds one. How close
//! the platform says its limit is slows calls down; a cooldown that it asks for is kept in the database, not here.

mod availability;
mod limits;
mod memory;
mod redis;
mod request;
mod rolling_hour;
mod shared;

pub use limits::BudgetLimits;
pub use memory::MemoryBudget;
pub use redis::{BudgetUnavailable, RedisBudget};
pub use shared::SharedBudget;

use async_trait::async_trait;
use request::Request;
use std::time::Duration;
use vitrine_entity::{AccountId, Time};

/// How far back units count.
pub const WINDOW: Duration = Duration::from_hours(1);

/// Who pays for a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
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

/// What is remembered of a payer's hour elsewhere. A budget that finds less in its own books, because they
/// were lost or kept by another meanwhile, believes this.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RecordedUse {
    /// Units used within the hour before `at`.
    pub used: u32,
    /// When that was counted; none when nothing is known.
    pub at: Option<Time>,
}

/// A unit that was taken for one call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Charge {
    /// Who pays.
    pub payer: Payer,
    /// When it was taken.
    pub at: Time,
    /// Units of the payer's hour that are used with this one.
    pub used: u32,
    /// Whether calls are slowed down at the moment, so that good news of the platform should be recorded.
    pub slowed: bool,
    /// Whether it stands in the books that all share.
    pub(super) shared: bool,
}

/// The answer to who asks for a unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reservation {
    /// One call may be made, now.
    Granted(Charge),
    /// No call may be made before this moment.
    Until(Time),
}

/// How much of a budget is used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BudgetUse {
    /// Units used within the last hour.
    pub used: u32,
    /// When the oldest of them stops counting.
    pub resets_at: Option<Time>,
}

/// How close the platform's own limit is, in percent of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Load(pub u8);

impl Load {
    /// From here on scheduled calls are thinned out.
    pub const SLOW: Self = Self(80);
    /// Here calls are refused, and those made all the same prolong it.
    pub const FULL: Self = Self(100);
    /// More than this thins no further out: some calls find out whether it is over.
    const THINNEST: Self = Self(99);

    /// The part of scheduled calls that is put off: a fifth at 80 %, nearly all close to 100 %.
    fn thinned(self) -> f64 {
        if self < Self::SLOW {
            0.0
        } else {
            f64::from(self.0.min(Self::THINNEST.0) - 75) / 25.0
        }
    }
}

/// How long a reported load is believed.
const LOAD_HOLDS: Duration = Duration::from_mins(10);
/// A call that is put off because of it comes back after this time and up to twice as much.
const THINNED_FOR: Duration = Duration::from_mins(5);

/// One budget, seen the same by every worker that shares it.
#[async_trait]
pub trait Budget: Send + Sync {
    /// Takes a unit of the payer's and of the app's hour, both or neither.
    async fn reserve(&self, payer: Payer, class: CallClass, known: RecordedUse) -> Reservation;

    /// Returns the unit of a call that was never sent. Once for each charge.
    async fn give_back(&self, charge: Charge);

    /// Takes note of how close the platform's limit is. The newest counts, for ten minutes.
    async fn record_load(&self, payer: Payer, load: Load);

    /// How much of an account's hour is used.
    async fn usage(&self, account: AccountId, known: RecordedUse) -> BudgetUse;
}

/// The payer's own budget behind the app's; none when the app pays alone.
fn own(payer: Payer) -> Option<Payer> {
    Some(payer).filter(|payer| *payer != Payer::App)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_are_thinned_out_from_80_percent_on() {
        assert_eq!(Load(79).thinned(), 0.0);
        assert_eq!(Load(80).thinned(), 0.2);
        assert!(Load(99).thinned() > 0.9 && Load(99).thinned() < 1.0);
        assert_eq!(Load(255).thinned(), Load(99).thinned());
    }
}
