//! The budget of a process that works alone.

use super::{
    Budget, BudgetLimits, BudgetUnavailable, BudgetUse, CallClass, Payer, Reservation, window::Window,
};
use crate::clock::SharedClock;
use async_trait::async_trait;
use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};
use vitrine_entity::{AccountId, Time};

/// Idle windows are dropped when so many are held.
const SWEPT_AT: usize = 10_000;

/// A budget in memory; it forgets with the process.
#[derive(Debug)]
pub struct MemoryBudget {
    clock: SharedClock,
    limits: BudgetLimits,
    windows: Mutex<HashMap<Payer, Window>>,
}

impl MemoryBudget {
    /// A full budget.
    #[must_use]
    pub fn new(clock: SharedClock, limits: BudgetLimits) -> Self {
        Self {
            clock,
            limits,
            windows: Mutex::default(),
        }
    }

    fn windows(&self) -> MutexGuard<'_, HashMap<Payer, Window>> {
        self.windows.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take(&self, payer: Payer, class: CallClass, now: Time) -> Reservation {
        let mut windows = self.windows();
        if windows.len() >= SWEPT_AT {
            windows.retain(|_, window| !window.is_idle(now));
        }
        let app_free = windows
            .entry(Payer::App)
            .or_default()
            .free_from(self.limits.app(), now);
        let own_free = match payer {
            Payer::App => None,
            token => windows
                .entry(token)
                .or_default()
                .free_from(self.limits.token(class), now),
        };
        if let Some(free) = app_free.max(own_free) {
            return Reservation::Until(free);
        }
        for payer in [Some(Payer::App), Some(payer).filter(|payer| *payer != Payer::App)]
            .into_iter()
            .flatten()
        {
            windows.entry(payer).or_default().take(now);
        }
        Reservation::Granted
    }
}

#[async_trait]
impl Budget for MemoryBudget {
    async fn reserve(&self, payer: Payer, class: CallClass) -> Result<Reservation, BudgetUnavailable> {
        Ok(self.take(payer, class, self.clock.now()))
    }

    async fn block(&self, payer: Payer, until: Time) -> Result<(), BudgetUnavailable> {
        self.windows().entry(payer).or_default().block(until);
        Ok(())
    }

    async fn usage(&self, account: AccountId) -> Result<BudgetUse, BudgetUnavailable> {
        let now = self.clock.now();
        Ok(self
            .windows()
            .entry(Payer::Token(account))
            .or_default()
            .usage(now))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::TestClock;
    use std::{num::NonZeroU32, sync::Arc};

    fn budget(token: u32, app: Option<u32>) -> MemoryBudget {
        let limits = BudgetLimits {
            token_calls_per_hour: NonZeroU32::new(token).unwrap(),
            app_calls_per_hour: app.and_then(NonZeroU32::new),
        };
        MemoryBudget::new(Arc::new(TestClock::new()), limits)
    }

    async fn granted(budget: &MemoryBudget, payer: Payer, class: CallClass) -> usize {
        let mut granted = 0;
        while budget.reserve(payer, class).await.unwrap() == Reservation::Granted {
            granted += 1;
        }
        granted
    }

    #[tokio::test]
    async fn a_share_is_kept_back_from_the_schedule() {
        let (budget, payer) = (budget(10, None), Payer::Token(AccountId::generate()));

        assert_eq!(granted(&budget, payer, CallClass::Sync).await, 8);
        assert_eq!(granted(&budget, payer, CallClass::Refresh).await, 2);
    }

    #[tokio::test]
    async fn the_app_limits_all_its_tokens_together() {
        let budget = budget(10, Some(5));
        let (one, other) = (
            Payer::Token(AccountId::generate()),
            Payer::Token(AccountId::generate()),
        );

        assert_eq!(granted(&budget, one, CallClass::Refresh).await, 5);
        assert_eq!(granted(&budget, other, CallClass::Refresh).await, 0);
    }

    #[tokio::test]
    async fn a_refused_call_costs_nobody() {
        let budget = budget(2, Some(5));
        let (one, other) = (
            Payer::Token(AccountId::generate()),
            Payer::Token(AccountId::generate()),
        );

        assert_eq!(granted(&budget, one, CallClass::Refresh).await, 2);
        assert_eq!(granted(&budget, one, CallClass::Refresh).await, 0);
        assert_eq!(granted(&budget, other, CallClass::Refresh).await, 2);
    }
}
