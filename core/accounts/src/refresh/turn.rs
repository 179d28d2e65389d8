//! A turn of a token's refresh: taken by one run, and ended by it.

use crate::{Reason, RunContext, RunError, StatusRules, job_run::LEASE, jobs::AccountJob, schedule::spread};
use chrono::TimeDelta;
use sea_orm::{ColumnTrait, DbErr, ExprTrait, QueryFilter, UpdateMany, sea_query::Expr};
use std::{cmp::min, time::Duration};
use vitrine_base::{
    clock::{SharedClock, later, until},
    database::Database,
};
use vitrine_entity::{LeaseId, TenantOwned, Time, account, account_token, job};

/// A turn that the queue will bring again is claimed again by the schedule if that fails for so long.
const BROUGHT_AGAIN: Duration = Duration::from_mins(5);
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
                self.release(token, run.lease).await
            }
            RunError::Later { until, .. } => self.put_off(token, run, *until).await,
            RunError::Failed { reason, .. } => self.fail(token, Some(run.lease), *reason).await,
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
        let mut claim = account_token::Entity::update_of(job.tenant)
            .col_expr(Column::RefreshLeaseId, Expr::value(run.lease))
            .col_expr(
                Column::RefreshLeaseUntil,
                Expr::value(later(run.started_at, LEASE)),
            )
            .filter(Column::AccountId.eq(job.account))
            .filter(Column::NextRefreshAt.is_not_null())
            .filter(
                Column::RefreshLeaseId
                    .is_null()
                    .or(Column::RefreshLeaseUntil.lte(run.started_at)),
            );
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
            Some(token) => RunError::Later {
                until: min(
                    token.refresh_lease_until.unwrap_or(now),
                    now + TimeDelta::seconds(5),
                ),
                reason: Reason::AlreadyRunning,
            },
        })
    }

    /// Says that a run goes on; false when it has lost its account. Trouble with it costs nothing: the lease
    /// runs out, and the run ends in vain.
    pub(crate) async fn renew_lease(&self, token: &account_token::Model, lease: LeaseId) -> bool {
        let until = later(self.clock.now(), LEASE);
        let held = account_token::Entity::update_of(token.tenant_id)
            .col_expr(account_token::Column::RefreshLeaseUntil, Expr::value(until))
            .filter(is_leased_by(token, lease))
            .exec(self.database.connection())
            .await;
        match held {
            Ok(held) => held.rows_affected > 0,
            Err(error) => {
                tracing::warn!(error = %error, account.id = %token.account_id, "could not renew the lease of a running job");
                true
            }
        }
    }

    async fn release(&self, token: &account_token::Model, lease: LeaseId) -> Result<(), DbErr> {
        account_token::Entity::update_of(token.tenant_id)
            .col_expr(
                account_token::Column::RefreshLeaseId,
                Expr::value(None::<LeaseId>),
            )
            .col_expr(
                account_token::Column::RefreshLeaseUntil,
                Expr::value(later(self.clock.now(), BROUGHT_AGAIN)),
            )
            .filter(is_leased_by(token, lease))
            .exec(self.database.connection())
            .await
            .map(drop)
    }

    /// A turn of the schedule goes on then; a run that somebody asked for leaves the schedule alone.
    async fn put_off(&self, token: &account_token::Model, run: RunContext, until: Time) -> Result<(), DbErr> {
        let row = account_token::Entity::update_of(token.tenant_id);
        let row = match run.requested {
            true => row,
            false => row.col_expr(account_token::Column::NextRefreshAt, Expr::value(until)),
        };
        let row = without_lease(row).filter(is_leased_by(token, run.lease));
        row.exec(self.database.connection()).await.map(drop)
    }

    /// Gives the token back as it was taken.
    pub(crate) async fn give_back(&self, token: &account_token::Model, lease: LeaseId) -> Result<(), DbErr> {
        let row = without_lease(account_token::Entity::update_of(token.tenant_id))
            .filter(is_leased_by(token, lease));
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
        let row = account_token::Entity::update_of(token.tenant_id)
            .col_expr(Column::NextRefreshAt, Expr::value(spread(now, RETRY_EVERY)))
            .col_expr(Column::Failures, Expr::col(Column::Failures).add(1))
            .col_expr(Column::LastError, Expr::value(reason))
            .filter(Column::NextRefreshAt.is_not_null());
        let row = match lease {
            Some(lease) => row.filter(is_leased_by(token, lease)),
            None => row.filter(Column::AccountId.eq(token.account_id)),
        };
        without_lease(row).exec(self.database.connection()).await?;
        if until(now, token.expires_at) < ATTENTION_BELOW {
            self.status_rules
                .needs_attention(token.tenant_id, token.account_id, Reason::TokenRefreshFailing)
                .await?;
        }
        Ok(())
    }
}

pub(crate) fn is_leased_by(token: &account_token::Model, lease: LeaseId) -> sea_orm::sea_query::SimpleExpr {
    account_token::Column::AccountId
        .eq(token.account_id)
        .and(account_token::Column::RefreshLeaseId.eq(lease))
}

pub(crate) fn without_lease(row: UpdateMany<account_token::Entity>) -> UpdateMany<account_token::Entity> {
    row.col_expr(
        account_token::Column::RefreshLeaseId,
        Expr::value(None::<LeaseId>),
    )
    .col_expr(
        account_token::Column::RefreshLeaseUntil,
        Expr::value(None::<Time>),
    )
}
