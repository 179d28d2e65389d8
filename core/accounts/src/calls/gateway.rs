//! Calls to Instagram: each paid for before, and each answer evaluated.

use crate::{
    Breaker, CallError, Reason,
    calls::{answers::AnswerRules, call_budget::CallBudget, skipped_fields::SkippedFields},
    incidents::{breaker::Admission, probe_candidates::ProbeCandidate},
};
use std::{future::Future, sync::Arc, time::Duration};
use vitrine_base::clock::SharedClock;
use vitrine_entity::TenantId;
use vitrine_instagram::{AccessToken, Answer, Client, Failure, FailureKind};
use vitrine_limits::{
    budget::{Budget, Charge, Reservation},
    usage::UsageCounter,
};

/// Instagram, behind the budget and the circuit breaker.
#[derive(Clone)]
pub struct Calls {
    client: Client,
    budget: Arc<dyn Budget>,
    breaker: Breaker,
    answers: AnswerRules,
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
            answers: AnswerRules::new(Arc::clone(&budget), breaker.clone(), clock.clone()),
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

    /// Reserves a unit, makes one call and evaluates what its answer says about the budget. When a field is
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
                    self.answers.apply_usage(call_budget, charge, &answer.usage).await;
                    break Ok(answer.value);
                }
                Err(failure) => {
                    self.answers
                        .apply_usage(call_budget, charge, &failure.usage)
                        .await;
                    match failure.kind {
                        FailureKind::FieldRefused(next) => {
                            self.skipped_fields
                                .note(call_budget.payer, next.without(client.left_out()));
                            client = client.without(next);
                        }
                        _ => break Err(self.answers.refused(call_budget, charge, failure).await),
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
            Admission::Cooldown(until) => Err(CallError::Later {
                until: call_budget.turn_after(until),
                reason: Reason::ThrottledApp,
            }),
        }
    }

    async fn reserve(&self, call_budget: &CallBudget) -> Result<Charge, CallError> {
        if let Some(until) = call_budget.cooldown_until(self.clock.now()) {
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
                until: call_budget.turn_after(until),
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
}

/// What an incident of the app looks like to one account.
fn is_of_incidents(kind: FailureKind) -> bool {
    matches!(kind, FailureKind::NotAllowed(_) | FailureKind::TokenDead(_))
}
