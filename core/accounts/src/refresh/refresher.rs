//! `RefreshToken`: renews an account's token long before it dies.

use crate::{
    CallBudget, CallError, Reason, RunContext, RunError, RunParts,
    jobs::AccountJob,
    refresh::{report::RefreshReport, token_writer::TokenWriter, turn::RefreshTurns},
    run_lease::with_lease,
};
use sea_orm::DbErr;
use vitrine_base::clock::later;
use vitrine_entity::{Time, account, account_token};
use vitrine_instagram::{AccessToken, Client, FailureKind};
use vitrine_limits::budget::CallClass;

/// Runs refreshes.
#[derive(Clone)]
pub struct Refresher {
    parts: RunParts,
    turns: RefreshTurns,
    writer: TokenWriter,
}

impl Refresher {
    /// The job over its parts.
    #[must_use]
    pub fn new(parts: RunParts) -> Self {
        let turns = RefreshTurns::new(
            parts.database.clone(),
            parts.clock.clone(),
            parts.status_rules.clone(),
        );
        let writer = TokenWriter::new(&parts);
        Self { parts, turns, writer }
    }

    /// Renews one token. Never two at once: a lease lets only one run work. The new token and its
    /// expiry are stored in one statement, so that there is never half of it.
    ///
    /// # Errors
    /// How the run ended; the token's next turn is settled in every case but [`RunError::Retry`].
    pub async fn run(&self, job: &AccountJob) -> Result<RefreshReport, RunError> {
        let run = RunContext::new(job, self.parts.clock.now(), CallClass::Refresh);
        let token = self.turns.take(job, run).await?;
        let renewing = self.renew(job, &token, run);
        let done = with_lease(renewing, || self.turns.renew_lease(&token, run.lease)).await;
        if let Err(error) = &done {
            self.turns.settle(&token, run, error).await?;
        }
        done
    }

    /// Ends a turn that was tried as often as is allowed: it is tried again tomorrow.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn give_up(&self, job: &AccountJob, reason: Reason) -> Result<(), DbErr> {
        self.turns.give_up(job, reason).await
    }

    async fn renew(
        &self,
        job: &AccountJob,
        token: &account_token::Model,
        run: RunContext,
    ) -> Result<RefreshReport, RunError> {
        if self.turns.is_done(job, token).await? {
            self.turns.give_back(token, run.lease).await?;
            return Ok(RefreshReport {
                expires_at: token.expires_at,
            });
        }
        self.check_age(token, run.started_at)?;
        let Some(account) = self.turns.account(token).await? else {
            return Err(RunError::Stale(Reason::AccountGone));
        };
        let call_budget = CallBudget::of(&account, token, run.class);
        let renewed = self.call(token, &account, run, &call_budget).await;
        let connection = self.parts.database.connection();
        let now = self.parts.clock.now();
        let noted = call_budget
            .note(token.tenant_id, token.account_id, now, connection)
            .await;
        if let Err(error) = noted {
            tracing::warn!(error = %error, account.id = %token.account_id, "could not store a call that was made");
        }
        renewed
    }

    async fn call(
        &self,
        token: &account_token::Model,
        account: &account::Model,
        run: RunContext,
        call_budget: &CallBudget,
    ) -> Result<RefreshReport, RunError> {
        let vault = &self.parts.vault;
        let opened = vault.open_token(token.account_id, &token.key_id, &token.ciphertext)?;
        let opened = AccessToken::from(opened);
        let bearer = &opened;
        let call = |client: Client| async move { client.refresh(bearer).await };
        match self.parts.calls.make(call_budget, call).await {
            Ok(renewed) => self.writer.write(token, run, &renewed).await,
            Err(error) => Err(self.classify(token, account, &opened, call_budget, error).await),
        }
    }

    /// Instagram refuses to renew a token under 24 hours of age; ours is a little longer.
    fn check_age(&self, token: &account_token::Model, now: Time) -> Result<(), RunError> {
        let born = token.refreshed_at.unwrap_or(token.issued_at);
        let old_enough = self.parts.cadence.refreshable_from(born, token.expires_at);
        if now < old_enough {
            return Err(RunError::Later {
                until: old_enough,
                reason: Reason::TokenTooYoung,
            });
        }
        Ok(())
    }

    async fn classify(
        &self,
        token: &account_token::Model,
        account: &account::Model,
        opened: &AccessToken,
        call_budget: &CallBudget,
        error: CallError,
    ) -> RunError {
        let CallError::Failed(failure) = error else {
            return error.into();
        };
        let reason = failure.kind.into();
        match failure.kind {
            FailureKind::TokenDead(death) => match self.parts.calls.is_dead(call_budget, opened).await {
                Ok(true) => self.parts.status_rules.dead(account, token, death).await,
                Ok(false) => RunError::Failed {
                    reason: Reason::RefreshRefused,
                    source: Some(failure.into()),
                },
                Err(error) => error.into(),
            },
            FailureKind::TooYoungToRefresh => {
                let until = later(self.parts.clock.now(), self.parts.cadence.refresh_min_age);
                RunError::Later { until, reason }
            }
            kind if kind.is_transient() => CallError::Failed(failure).into(),
            _ => RunError::Failed {
                reason,
                source: Some(failure.into()),
            },
        }
    }
}
