//! `RefreshToken`: renews an account's token long before it dies.

use crate::{
    CallBudget, CallError, Reason, RunContext, RunError, RunParts,
    jobs::AccountJob,
    refresh::turn::{RefreshTurns, held},
    run_lease::with_lease,
    schedule::REFRESHES,
    status_rules::{OF_TOKENS, ask_for_attention},
};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, QueryFilter, sea_query::Expr};
use serde::Serialize;
use std::time::Duration;
use vitrine_base::{clock::later, leased_work::Backoff};
use vitrine_entity::{
    TenantOwned, Time,
    account::{self, AccountStatus},
    account_token,
};
use vitrine_instagram::{AccessToken, Client, FailureKind, LongLivedToken};
use vitrine_limits::budget::CallClass;

/// Waits before a renewed token that could not be stored is stored again.
const STORED_AGAIN: Backoff = Backoff::new(Duration::from_millis(500), Duration::from_secs(16));
/// Tries after the first: half a minute in all.
const STORED_AGAIN_TIMES: u32 = 6;

/// What a refresh did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct RefreshReport {
    /// When the renewed token dies.
    pub expires_at: Time,
}

/// Runs refreshes.
#[derive(Clone)]
pub struct Refresher {
    parts: RunParts,
    turns: RefreshTurns,
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
        Self { parts, turns }
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
            Ok(renewed) => self.store(token, run, renewed).await,
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

    /// Tries for as long as it is likely to hold the token: what becomes of the old one is not documented, so
    /// the new one must not be lost to a moment without a database.
    async fn store(
        &self,
        token: &account_token::Model,
        run: RunContext,
        renewed: LongLivedToken,
    ) -> Result<RefreshReport, RunError> {
        let mut tries = 0;
        loop {
            tries += 1;
            match self.store_once(token, run, &renewed).await {
                Err(RunError::Retry { reason, source }) if tries <= STORED_AGAIN_TIMES => {
                    tracing::warn!(reason = reason.to_string(), cause = ?source, account.id = %token.account_id, "a renewed token could not be stored yet");
                    tokio::time::sleep(STORED_AGAIN.after(tries)).await;
                }
                ended => return ended,
            }
        }
    }

    async fn store_once(
        &self,
        token: &account_token::Model,
        run: RunContext,
        renewed: &LongLivedToken,
    ) -> Result<RefreshReport, RunError> {
        use account_token::Column;
        let now = self.parts.clock.now();
        let plan = self.parts.cadence.renewal(renewed.expires_in, now);
        let expires_at = plan.expires_at;
        let sealed = self
            .parts
            .vault
            .seal_token(token.account_id, renewed.token.expose())?;
        let transaction = self.parts.database.begin_write().await?;
        let written = REFRESHES
            .release(held(token, run.lease.id))
            .col_expr(Column::Ciphertext, Expr::value(sealed.ciphertext))
            .col_expr(Column::KeyId, Expr::value(sealed.key_id))
            .col_expr(Column::ExpiresAt, Expr::value(expires_at))
            .col_expr(Column::ExpiryAssumed, Expr::value(plan.assumed))
            .col_expr(Column::RefreshedAt, Expr::value(now))
            .col_expr(Column::NextRefreshAt, Expr::value(plan.next_refresh_at))
            .col_expr(Column::Failures, Expr::value(0))
            .col_expr(Column::LastError, Expr::value(None::<String>))
            .exec(&transaction)
            .await?;
        if written.rows_affected == 0 {
            return Err(RunError::Stale(Reason::LeaseLost));
        }
        match plan.is_short {
            true => complain(&transaction, token, now).await?,
            false => recover(&transaction, token).await?,
        }
        transaction.commit().await?;
        tracing::info!(account.id = %token.account_id, token.expires_at = %expires_at, "a token was renewed");
        Ok(RefreshReport { expires_at })
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

/// A renewed token that dies before it can be renewed again wants a person now.
async fn complain(
    connection: &impl ConnectionTrait,
    token: &account_token::Model,
    now: Time,
) -> Result<(), DbErr> {
    tracing::warn!(account.id = %token.account_id, "a renewed token dies before it can be renewed again");
    let (tenant, account) = (token.tenant_id, token.account_id);
    ask_for_attention(connection, tenant, account, Reason::TokenShortLived, now).await
}

/// A renewed token takes back the call for a look that its failing had caused.
async fn recover(connection: &impl ConnectionTrait, token: &account_token::Model) -> Result<(), DbErr> {
    account::Entity::update_of(token.tenant_id)
        .col_expr(account::Column::Status, Expr::value(AccountStatus::Active))
        .col_expr(account::Column::StatusReason, Expr::value(None::<String>))
        .filter(account::Column::Id.eq(token.account_id))
        .filter(account::Column::Status.eq(AccountStatus::NeedsAttention))
        .filter(account::Column::StatusReason.is_in(OF_TOKENS))
        .exec(connection)
        .await
        .map(drop)
}
