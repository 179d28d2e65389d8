//! What Instagram's answers say about budgets.

use crate::{Breaker, CallError, Reason, calls::call_budget::CallBudget, incidents::proof::Proof};
use std::{sync::Arc, time::Duration};
use vitrine_base::clock::{SharedClock, later};
use vitrine_instagram::{Failure, FailureKind, ThrottleScope, Usage, UsagePercent};
use vitrine_limits::budget::{Budget, Charge, Load, Payer};

/// Cooldown after a throttle that named no time; Instagram counts over an hour.
const COOLDOWN: Duration = Duration::from_hours(1);
/// Cooldown when the usage headers show a limit that is reached and no time.
const FULL: Duration = Duration::from_mins(10);

/// Heeds what answers say.
#[derive(Clone)]
pub(crate) struct AnswerRules {
    budget: Arc<dyn Budget>,
    breaker: Breaker,
    clock: SharedClock,
}

impl AnswerRules {
    pub(crate) fn new(budget: Arc<dyn Budget>, breaker: Breaker, clock: SharedClock) -> Self {
        Self {
            budget,
            breaker,
            clock,
        }
    }

    /// What a failure means for the budget: a call that never left is paid back, and a throttle closes the account or
    /// the app for a while.
    pub(crate) async fn refused(
        &self,
        call_budget: &CallBudget,
        charge: Charge,
        failure: Failure,
    ) -> CallError {
        if failure.was_never_sent() {
            self.budget.give_back(charge).await;
        }
        let FailureKind::Throttled { scope, wait } = failure.kind else {
            return failure.into();
        };
        let told = wait.or(failure.usage.regain_access_in).unwrap_or(COOLDOWN);
        // What the headers report is the account's time; the app's own hour is over after an hour.
        let (reason, wait) = match scope {
            ThrottleScope::App => (Reason::ThrottledApp, told.min(COOLDOWN)),
            ThrottleScope::Account => (Reason::ThrottledAccount, told),
        };
        let until = later(self.clock.now(), wait);
        tracing::warn!(reason = reason.to_string(), until = %until, "instagram asked for quiet");
        if scope == ThrottleScope::App && call_budget.proof == Proof::OfApp {
            self.cool_down(reason, wait).await;
            let until = call_budget.turn_after(until);
            return CallError::Later { until, reason };
        }
        call_budget.close(until);
        let reason = Reason::ThrottledAccount;
        CallError::Later { until, reason }
    }

    /// From 80 % on scheduled calls are thinned out, at 100 % none is made. What is said about the app is believed of
    /// a token that is surely this app's; of any other it closes that token alone.
    pub(crate) async fn apply_usage(&self, call_budget: &CallBudget, charge: Charge, usage: &Usage) {
        let load = |percent: Option<UsagePercent>| percent.map(UsagePercent::max).map(Load);
        let (account, app) = (load(usage.account), load(usage.app));
        let own = if call_budget.proof == Proof::OfApp {
            account
        } else {
            account.max(app)
        };
        if let Some(load) = own.filter(|_| call_budget.payer != Payer::App) {
            if load >= Load::FULL {
                let wait = usage.regain_access_in.unwrap_or(FULL);
                call_budget.close(later(self.clock.now(), wait));
            }
            self.thin_out(charge, call_budget.payer, load).await;
        }
        if let Some(load) = app.filter(|_| call_budget.proof == Proof::OfApp) {
            if load >= Load::FULL {
                self.cool_down(Reason::AppLimitClose, FULL).await;
            }
            self.thin_out(charge, Payer::App, load).await;
        }
    }

    async fn thin_out(&self, charge: Charge, payer: Payer, load: Load) {
        if load >= Load::SLOW || charge.slowed {
            self.budget.record_load(payer, load).await;
        }
    }

    /// Without a database the app learns of it with the next answer.
    async fn cool_down(&self, reason: Reason, wait: Duration) {
        if let Err(error) = self.breaker.cool_down(reason, wait).await {
            tracing::warn!(error = %error, reason = reason.to_string(), "could not store that the app keeps quiet");
        }
    }
}
