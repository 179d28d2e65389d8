//! Calls to Instagram: each paid for before, and each answer heeded.

use super::RunError;
use crate::{
    budget::{Budget, BudgetUnavailable, CallClass, Payer, Reservation},
    clock::{SharedClock, later},
};
use std::{future::Future, sync::Arc, time::Duration};
use vitrine_entity::Time;
use vitrine_instagram::{AccessToken, Answer, Client, Failure, FailureKind, ThrottleScope, Usage};

/// Quiet after a throttle that named no time; Instagram counts over an hour.
const QUIET: Duration = Duration::from_hours(1);
/// Quiet when the usage headers come close to the limit.
const CLOSE_TO_LIMIT: Duration = Duration::from_mins(10);
/// From this percentage on calls are stopped: at 100 Instagram refuses them and the block grows.
const STOP_AT_PERCENT: u8 = 90;

/// A call that gave no answer.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// There is no budget for it before then.
    #[error("no call before {until}: {reason}")]
    Later {
        /// When.
        until: Time,
        /// Why.
        reason: &'static str,
    },
    /// Instagram answered something else.
    #[error(transparent)]
    Failed(#[from] Failure),
    /// The budget failed.
    #[error(transparent)]
    Budget(#[from] BudgetUnavailable),
}

/// Instagram, behind the budget.
#[derive(Clone)]
pub struct Calls {
    client: Client,
    budget: Arc<dyn Budget>,
    clock: SharedClock,
    confirm_after: Duration,
}

impl Calls {
    /// The client over its budget. `confirm_after` is how long to wait before a dead token is asked
    /// once more.
    #[must_use]
    pub fn new(client: Client, budget: Arc<dyn Budget>, clock: SharedClock, confirm_after: Duration) -> Self {
        Self {
            client,
            budget,
            clock,
            confirm_after,
        }
    }

    /// The client, for what costs no call.
    #[must_use]
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// The budget.
    #[must_use]
    pub fn budget(&self) -> &Arc<dyn Budget> {
        &self.budget
    }

    /// Reserves a unit, makes one call and heeds what its answer says about the budget.
    ///
    /// # Errors
    /// See [`CallError`].
    pub async fn make<T, F>(
        &self,
        payer: Payer,
        class: CallClass,
        call: impl FnOnce(Client) -> F,
    ) -> Result<T, CallError>
    where
        F: Future<Output = Result<Answer<T>, Failure>>,
    {
        if let Reservation::Until(until) = self.budget.reserve(payer, class).await? {
            return Err(CallError::Later {
                until,
                reason: "budget_spent",
            });
        }
        match call(self.client.clone()).await {
            Ok(answer) => {
                self.heed(payer, &answer.usage).await?;
                Ok(answer.value)
            }
            Err(failure) => Err(self.refused(payer, failure).await?),
        }
    }

    /// Whether a token that was called dead is dead: one more small call, a moment later.
    ///
    /// # Errors
    /// When that call gave no clear answer.
    pub async fn is_dead(&self, payer: Payer, token: &AccessToken) -> Result<bool, CallError> {
        tokio::time::sleep(self.confirm_after).await;
        let token = token.clone();
        let asked = self.make(payer, CallClass::Interactive, |client| async move {
            client.confirm_alive(&token).await
        });
        match asked.await {
            Ok(()) => Ok(false),
            Err(CallError::Failed(failure)) if matches!(failure.kind, FailureKind::TokenDead(_)) => Ok(true),
            Err(error) => Err(error),
        }
    }

    async fn refused(&self, payer: Payer, failure: Failure) -> Result<CallError, BudgetUnavailable> {
        self.heed(payer, &failure.usage).await?;
        let FailureKind::Throttled { scope, wait } = failure.kind else {
            return Ok(failure.into());
        };
        let wait = wait.or(failure.usage.regain_access_in).unwrap_or(QUIET);
        let until = later(self.clock.now(), wait);
        let (payer, reason) = match scope {
            ThrottleScope::App => (Payer::App, "throttled_app"),
            ThrottleScope::Account => (payer, "throttled_account"),
        };
        self.budget.block(payer, until).await?;
        tracing::warn!(reason, until = %until, "instagram asked for quiet");
        Ok(CallError::Later { until, reason })
    }

    async fn heed(&self, payer: Payer, usage: &Usage) -> Result<(), BudgetUnavailable> {
        let close = |percent: Option<vitrine_instagram::UsagePercent>| {
            percent.is_some_and(|percent| percent.max() >= STOP_AT_PERCENT)
        };
        let until = later(self.clock.now(), usage.regain_access_in.unwrap_or(CLOSE_TO_LIMIT));
        if close(usage.account) {
            self.budget.block(payer, until).await?;
        }
        if close(usage.app) {
            self.budget.block(Payer::App, until).await?;
        }
        Ok(())
    }
}

impl From<CallError> for RunError {
    /// For the kinds that need no look at the account; the others are told apart by the run.
    fn from(error: CallError) -> Self {
        match error {
            CallError::Later { until, reason } => Self::Later { until, reason },
            CallError::Budget(error) => error.into(),
            CallError::Failed(failure) => {
                let reason = failure.kind.code_word();
                let source: Option<Box<dyn std::error::Error + Send + Sync>> = Some(failure.into());
                Self::Retry { reason, source }
            }
        }
    }
}
