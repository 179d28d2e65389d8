//! A turn of a token's refresh: taken by one run, and ended by it.

use crate::{
    Reason, RunContext, RunError, StatusRules,
    jobs::AccountJob,
    run_lease::{BROUGHT_AGAIN, LEASE, already_running, is_still_held},
    schedule::{REFRESHES, spread},
};
use sea_orm::{ColumnTrait, DbErr, ExprTrait, QueryFilter, UpdateMany, sea_query::Expr};
use std::time::Duration;
use vitrine_base::{
    background::leased_work::Lease,
    clock::{SharedClock, later, until},
    database::Database,
};
use vitrine_entity::{LeaseId, TenantOwned, Time, account, account_token, job};

/// A refresh that failed is tried again daily.
const RETRY_EVERY: Duration = Duration::from_hours(24);
/// With less life than this left and refreshes failing, somebody should look.
const ATTENTION_BELOW: Duration = Duration::from_hours(10 * 24);

/// Gives each token's turn to one run at a time.
#[derive(Clone)]
pub(crate) struct RefreshTurns {
    database: Database,
    clock: SharedClock,
    status_rules: StatusRules,
}

impl RefreshTurns {
    pub(crate) fn new(database: Database, clock: SharedClock, status_rules: StatusRules) -> Self {
        Self {
            database,
            clock,
            status_rules,
        }
    }

    /// Ends a turn that went wrong; only a run that is tried again by the queue leaves it open.
    pub(crate) async fn settle(
        &self,
        token: &account_token::Model,
        run: RunContext,
        error: &RunError,
    ) -> Result<(), DbErr> {
        match error {
            RunError::Stale(_) | RunError::Stopped { .. } | RunError::Retry { .. } => {
                self.release(token, run.lease.id).await
            }
            RunError::Later { until, .. } => self.put_off(token, run, *until).await,
            RunError::Failed { reason, .. } => self.fail(token, Some(run.lease.id), *reason).await,
        }
    }

    /// Ends a turn that was tried as often as is allowed.
    pub(crate) async fn give_up(&self, job: &AccountJob, reason: Reason) -> Result<(), DbErr> {
        match self.find(job).await? {
            Some(token) => self.fail(&token, None, reason).await,
            None => Ok(()),
        }
    }

    async fn find(&self, job: &AccountJob) -> Result<Option<account_token::Model>, DbErr> {
        account_token::Entity::of(job.tenant)
            .filter(account_token::Column::AccountId.eq(job.account))
            .one(self.database.connection())
            .await
    }

    /// Takes the token for a run.
    pub(crate) async fn take(
        &self,
        job: &AccountJob,
        run: RunContext,
    ) -> Result<account_token::Model, RunError> {
        use account_token::Column;
        let mut claim = REFRESHES
            .take(account_token::Entity::update_of(job.tenant), run.lease)
            .filter(Column::AccountId.eq(job.account))
            .filter(Column::NextRefreshAt.is_not_null())
            .filter(REFRESHES.is_free(run.started_at));
        if let Some(due) = job.due_at {
            claim = claim.filter(Column::NextRefreshAt.lte(due));
        }
        let taken = claim.exec_with_returning(self.database.connection()).await?;
        match taken.into_iter().next() {
            Some(token) => Ok(token),
            None => Err(self.why_not(job, run.started_at).await?),
        }
    }

    async fn why_not(&self, job: &AccountJob, now: Time) -> Result<RunError, DbErr> {
        Ok(match self.find(job).await? {
            None => RunError::Stale(Reason::AccountGone),
            Some(_) if job.due_at.is_some() => RunError::Stale(Reason::TurnTaken),
            Some(token) if token.next_refresh_at.is_none() => RunError::Stopped {
                reason: Reason::NeedsReconnect,
            },
            Some(token) => already_running(token.refresh_lease_until, now),
        })
    }

    /// Says that a run goes on; false when it has lost its token.
    pub(crate) async fn renew_lease(&self, token: &account_token::Model, lease: Lease) -> bool {
        let until = later(self.clock.now(), LEASE);
        let row = REFRESHES.extend(held(token, lease.id), until);
        is_still_held(row.exec(self.database.connection()).await, token.account_id)
    }

    async fn release(&self, token: &account_token::Model, lease: LeaseId) -> Result<(), DbErr> {
        let until = later(self.clock.now(), BROUGHT_AGAIN);
        let row = REFRESHES.release_until(held(token, lease), until);
        row.exec(self.database.connection()).await.map(drop)
    }

    /// A turn of the schedule goes on then; a run that somebody asked for leaves the schedule alone.
    async fn put_off(&self, token: &account_token::Model, run: RunContext, until: Time) -> Result<(), DbErr> {
        let row = REFRESHES.release(held(token, run.lease.id));
        let row = match run.requested {
            true => row,
            false => row.col_expr(account_token::Column::NextRefreshAt, Expr::value(until)),
        };
        row.exec(self.database.connection()).await.map(drop)
    }

    /// Gives the token back as it was taken.
    pub(crate) async fn give_back(&self, token: &account_token::Model, lease: Lease) -> Result<(), DbErr> {
        let row = REFRESHES.release(held(token, lease.id));
        row.exec(self.database.connection()).await.map(drop)
    }

    /// Whether the schedule renewed the token after somebody had asked for it.
    pub(crate) async fn is_done(
        &self,
        order: &AccountJob,
        token: &account_token::Model,
    ) -> Result<bool, DbErr> {
        let Some(id) = order.job else { return Ok(false) };
        let asked = job::Entity::of(order.tenant)
            .filter(job::Column::Id.eq(id))
            .one(self.database.connection())
            .await?;
        Ok(asked.is_some_and(|asked| token.refreshed_at > Some(asked.queued_at)))
    }

    /// Whose token it is.
    pub(crate) async fn account(
        &self,
        token: &account_token::Model,
    ) -> Result<Option<account::Model>, DbErr> {
        account::Entity::of(token.tenant_id)
            .filter(account::Column::Id.eq(token.account_id))
            .one(self.database.connection())
            .await
    }

    /// Tried again tomorrow; close to the token's end somebody is asked to look.
    async fn fail(
        &self,
        token: &account_token::Model,
        lease: Option<LeaseId>,
        reason: Reason,
    ) -> Result<(), DbErr> {
        use account_token::Column;
        let now = self.clock.now();
        let row = match lease {
            Some(lease) => held(token, lease),
            None => account_token::Entity::update_of(token.tenant_id)
                .filter(Column::AccountId.eq(token.account_id)),
        };
        REFRESHES
            .release(row)
            .col_expr(Column::NextRefreshAt, Expr::value(spread(now, RETRY_EVERY)))
            .col_expr(Column::Failures, Expr::col(Column::Failures).add(1))
            .col_expr(Column::LastError, Expr::value(reason))
            .filter(Column::NextRefreshAt.is_not_null())
            .exec(self.database.connection())
            .await?;
        if until(now, token.expires_at) < ATTENTION_BELOW {
            self.status_rules
                .needs_attention(token.tenant_id, token.account_id, Reason::TokenRefreshFailing)
                .await?;
        }
        Ok(())
    }
}

/// The token's row, as long as this run holds it.
pub(crate) fn held(token: &account_token::Model, lease: LeaseId) -> UpdateMany<account_token::Entity> {
    let update = account_token::Entity::update_of(token.tenant_id);
    REFRESHES.held(update, token.account_id, lease)
}

#[cfg(test)]
mod tests;
