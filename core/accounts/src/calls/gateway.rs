//! Calls to Instagram: each paid for before, and each answer heeded.

use crate::{
    Breaker, Reason, RunError,
    calls::{call_budget::CallBudget, skipped_fields::SkippedFields},
    incidents::{
        breaker::Admission, probe_candidates::ProbeCandidate, proof::Proof, stagger::staggered_after,
    },
};
use std::{future::Future, sync::Arc, time::Duration};
use vitrine_base::clock::{SharedClock, later};
use vitrine_entity::{TenantId, Time};
use vitrine_instagram::{
    AccessToken, Answer, Client, Failure, FailureKind, ThrottleScope, Usage, UsagePercent,
};
use vitrine_limits::{
    budget::{Budget, CallClass, Charge, Load, Payer, Reservation},
    usage::UsageCounter,
};

/// Quiet after a throttle that named no time; Instagram counts over an hour.
const QUIET: Duration = Duration::from_hours(1);
/// Quiet when the usage headers show a limit that is reached and no time.
const FULL: Duration = Duration::from_mins(10);

/// A call that gave no answer.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// There is no budget for it before then.
    #[error("no call before {until}: {reason}")]
    Later {
        /// When.
        until: Time,
        /// Why.
        reason: Reason,
    },
    /// Instagram answered something else.
    #[error(transparent)]
    Failed(#[from] Failure),
    /// The database failed.
    #[error("the database failed")]
    Database(#[from] sea_orm::DbErr),
}

/// Instagram, behind the budget and the circuit breaker.
#[derive(Clone)]
pub struct Calls {
    client: Client,
    budget: Arc<dyn Budget>,
    breaker: Breaker,
    skipped_fields: SkippedFields,
    clock: SharedClock,
    confirm_after: Duration,
    usage_counter: Option<UsageCounter>,
}

impl Calls {
    /// The client over its budget. `confirm_after` is how long to wait before a dead token is asked
    /// once more.
    #[must_use]
    pub fn new(
        client: Client,
        budget: Arc<dyn Budget>,
        breaker: Breaker,
        clock: SharedClock,
        confirm_after: Duration,
    ) -> Self {
        Self {
            client,
            budget,
            breaker,
            skipped_fields: SkippedFields::new(clock.clone()),
            clock,
            confirm_after,
            usage_counter: None,
        }
    }

    /// The same, with calls and syncs counted for tenants.
    #[must_use]
    pub fn counted_by(self, usage_counter: UsageCounter) -> Self {
        Self {
            usage_counter: Some(usage_counter),
            ..self
        }
    }

    /// Counts a sync that was done.
    pub(crate) fn count_sync(&self, tenant: TenantId) {
        if let Some(usage_counter) = &self.usage_counter {
            usage_counter.sync(tenant);
        }
    }

    /// Counts a call, whatever came of it, unless it never left.
    fn count<T>(&self, call_budget: &CallBudget, answered: &Result<Answer<T>, Failure>) {
        let left = !matches!(answered, Err(failure) if failure.was_never_sent());
        if let (Some(usage_counter), Some(tenant), true) = (&self.usage_counter, call_budget.tenant, left) {
            usage_counter.call(tenant);
        }
    }

    /// The client, for what costs no call.
    #[must_use]
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// Reserves a unit, makes one call and heeds what its answer says about the budget. When a field is
    /// refused that can be done without, the call is paid for and made again without it; for a while it is left
    /// out of that account's calls.
    ///
    /// # Errors
    /// See [`CallError`].
    pub async fn make<T, F>(
        &self,
        call_budget: &CallBudget,
        call: impl Fn(Client) -> F,
    ) -> Result<T, CallError>
    where
        F: Future<Output = Result<Answer<T>, Failure>>,
    {
        let probing = self.admit(call_budget).await?;
        let mut client = self
            .client
            .clone()
            .without(self.skipped_fields.of(call_budget.payer));
        let answered = loop {
            let charge = self.reserve(call_budget).await?;
            let answered = call(client.clone()).await;
            self.count(call_budget, &answered);
            match answered {
                Ok(answer) => {
                    self.apply_usage(call_budget, charge, &answer.usage).await;
                    break Ok(answer.value);
                }
                Err(failure) => {
                    self.apply_usage(call_budget, charge, &failure.usage).await;
                    match failure.kind {
                        FailureKind::FieldRefused(next) => {
                            self.skipped_fields
                                .note(call_budget.payer, next.without(client.left_out()));
                            client = client.without(next);
                        }
                        _ => break Err(self.refused(call_budget, charge, failure).await),
                    }
                }
            }
        };
        match probing {
            Some(witness) => self.probed(witness, answered).await,
            None => answered,
        }
    }

    /// Whether a token that was called dead is dead: one more small call, a moment later.
    ///
    /// # Errors
    /// When that call gave no clear answer.
    pub async fn is_dead(&self, call_budget: &CallBudget, token: &AccessToken) -> Result<bool, CallError> {
        tokio::time::sleep(self.confirm_after).await;
        let pressing = call_budget.pressing();
        let asked = self.make(
            &pressing,
            |client| async move { client.confirm_alive(token).await },
        );
        let answer = asked.await;
        call_budget.absorb(&pressing);
        match answer {
            Ok(()) => Ok(false),
            Err(CallError::Failed(failure)) if matches!(failure.kind, FailureKind::TokenDead(_)) => Ok(true),
            Err(error) => Err(error),
        }
    }

    /// Whether this call is the one that finds out whether an incident is over, and for whom.
    async fn admit(&self, call_budget: &CallBudget) -> Result<Option<ProbeCandidate>, CallError> {
        let witness = call_budget.tenant.map(|tenant| ProbeCandidate {
            tenant,
            proof: call_budget.proof,
        });
        match self.breaker.admit(witness).await? {
            Admission::Free => Ok(None),
            Admission::Probe => Ok(witness),
            Admission::Closed(until) => Err(CallError::Later {
                until,
                reason: Reason::AppIncident,
            }),
            Admission::Quiet(until) => Err(CallError::Later {
                until: spread(call_budget.class, until),
                reason: Reason::ThrottledApp,
            }),
        }
    }

    async fn reserve(&self, call_budget: &CallBudget) -> Result<Charge, CallError> {
        if let Some(until) = call_budget.quiet_until(self.clock.now()) {
            let reason = Reason::ThrottledAccount;
            return Err(CallError::Later { until, reason });
        }
        match self
            .budget
            .reserve(call_budget.payer, call_budget.class, call_budget.known())
            .await
        {
            Reservation::Granted(charge) => {
                call_budget.charged(&charge);
                Ok(charge)
            }
            Reservation::Until(until) => Err(CallError::Later {
                until: spread(call_budget.class, until),
                reason: Reason::BudgetSpent,
            }),
        }
    }

    /// Draws the conclusions of a probe; a refusal says nothing about the account that met it.
    async fn probed<T>(
        &self,
        witness: ProbeCandidate,
        answered: Result<T, CallError>,
    ) -> Result<T, CallError> {
        match &answered {
            Ok(_) => self.breaker.close().await?,
            Err(CallError::Failed(failure)) if is_of_incidents(failure.kind) => {
                let until = self.breaker.probe_failed(witness).await?;
                return Err(CallError::Later {
                    until,
                    reason: Reason::AppIncident,
                });
            }
            Err(_) => {}
        }
        answered
    }

    async fn refused(&self, call_budget: &CallBudget, charge: Charge, failure: Failure) -> CallError {
        if failure.was_never_sent() {
            self.budget.give_back(charge).await;
        }
        let FailureKind::Throttled { scope, wait } = failure.kind else {
            return failure.into();
        };
        let told = wait.or(failure.usage.regain_access_in).unwrap_or(QUIET);
        // What the headers tell is the account's time; the app's own hour is over after an hour.
        let (reason, wait) = match scope {
            ThrottleScope::App => (Reason::ThrottledApp, told.min(QUIET)),
            ThrottleScope::Account => (Reason::ThrottledAccount, told),
        };
        let until = later(self.clock.now(), wait);
        tracing::warn!(reason = reason.to_string(), until = %until, "instagram asked for quiet");
        if scope == ThrottleScope::App && call_budget.proof == Proof::OfApp {
            self.quieten(reason, wait).await;
            let until = spread(call_budget.class, until);
            return CallError::Later { until, reason };
        }
        call_budget.close(until);
        let reason = Reason::ThrottledAccount;
        CallError::Later { until, reason }
    }

    /// From 80 % on scheduled calls are thinned out, at 100 % none is made. What is said about the app is believed of
    /// a token that is surely this app's; of any other it closes that token alone.
    async fn apply_usage(&self, call_budget: &CallBudget, charge: Charge, usage: &Usage) {
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
                self.quieten(Reason::AppLimitClose, FULL).await;
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
    async fn quieten(&self, reason: Reason, wait: Duration) {
        if let Err(error) = self.breaker.quieten(reason, wait).await {
            tracing::warn!(error = %error, reason = reason.to_string(), "could not store that the app keeps quiet");
        }
    }
}

/// Scheduled runs that wait for the same moment come again one after the other.
fn spread(class: CallClass, until: Time) -> Time {
    match class {
        CallClass::Sync => staggered_after(until),
        CallClass::Refresh | CallClass::Interactive => until,
    }
}

/// What an incident of the app looks like to one account.
fn is_of_incidents(kind: FailureKind) -> bool {
    matches!(kind, FailureKind::NotAllowed(_) | FailureKind::TokenDead(_))
}

impl From<CallError> for RunError {
    /// For the kinds that need no look at the account; the others are told apart by the run.
    fn from(error: CallError) -> Self {
        match error {
            CallError::Later { until, reason } => Self::Later { until, reason },
            CallError::Database(error) => error.into(),
            CallError::Failed(failure) => {
                let reason = failure.kind.into();
                let source: Option<Box<dyn std::error::Error + Send + Sync>> = Some(failure.into());
                Self::Retry { reason, source }
            }
        }
    }
}
