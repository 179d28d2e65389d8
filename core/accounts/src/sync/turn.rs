//! A turn of the sync schedule: taken by one run, and ended by it.

use crate::{
    CallBudget, Reason, RunContext, RunError,
    jobs::AccountJob,
    run_lease::LEASE,
    schedule::{Cadence, spread_after},
    status_rules::OF_TOKENS,
    sync::batch::{self, ClaimRequest, ClaimedAccount, Unchanged},
};
use chrono::TimeDelta;
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, ExprTrait, QueryFilter, UpdateMany, sea_query::Expr};
use std::{cmp::min, time::Duration};
use vitrine_base::{
    clock::{SharedClock, later, until},
    database::{Database, QueryBatcher},
};
use vitrine_entity::{
    LeaseId, TenantOwned, Time,
    account::{self, AccountStatus},
};

/// A turn that the queue will bring again is claimed again by the schedule if that fails for so long.
const BROUGHT_AGAIN: Duration = Duration::from_mins(5);

/// Gives each account's turn to one run at a time.
#[derive(Clone)]
pub(crate) struct SyncTurns {
    database: Database,
    clock: SharedClock,
    cadence: Cadence,
    takes: QueryBatcher<ClaimRequest, Option<ClaimedAccount>>,
    ends: QueryBatcher<Unchanged, bool>,
}

impl SyncTurns {
    pub(crate) fn new(database: Database, clock: SharedClock, cadence: Cadence) -> Self {
        Self {
            takes: batch::takes(database.clone()),
            ends: batch::ends(database.clone()),
            database,
            clock,
            cadence,
        }
    }

    /// Takes the account for a run, with its token.
    pub(crate) async fn take(&self, job: &AccountJob, run: RunContext) -> Result<ClaimedAccount, RunError> {
        let take = ClaimRequest {
            tenant: job.tenant,
            account: job.account,
            lease: run.lease.id,
            now: run.started_at,
            until: later(run.started_at, LEASE),
            due_at: job.due_at,
        };
        match self.takes.submit(take).await? {
            Some(taken) => Ok(taken),
            None => Err(self.why_not(job, run.started_at).await?),
        }
    }

    /// Ends a run that found nothing new on an account that wants nothing from a person.
    pub(crate) async fn end_unchanged(
        &self,
        account: &account::Model,
        run: RunContext,
        call_budget: &CallBudget,
    ) -> Result<(), RunError> {
        let (calls_counted, calls_counted_at) = call_budget.counted();
        let end = Unchanged {
            tenant: account.tenant_id,
            account: account.id,
            lease: run.lease.id,
            synced_at: run.started_at,
            next_sync_at: self.next_turn(account),
            calls_counted,
            calls_counted_at,
            blocked_until: call_budget.quiet_until(self.clock.now()),
        };
        match self.ends.submit(end).await? {
            true => Ok(()),
            false => Err(RunError::Stale(Reason::LeaseLost)),
        }
    }

    async fn why_not(&self, job: &AccountJob, now: Time) -> Result<RunError, DbErr> {
        Ok(match self.find(job).await? {
            None => RunError::Stale(Reason::AccountGone),
            Some(_) if job.due_at.is_some() => RunError::Stale(Reason::TurnTaken),
            Some(account) => match account.status {
                AccountStatus::NeedsReconnect => RunError::Stopped {
                    reason: Reason::NeedsReconnect,
                },
                AccountStatus::Paused => RunError::Stopped {
                    reason: Reason::Paused,
                },
                AccountStatus::Active | AccountStatus::NeedsAttention => RunError::Later {
                    until: min(
                        account.sync_lease_until.unwrap_or(now),
                        now + TimeDelta::seconds(5),
                    ),
                    reason: Reason::AlreadyRunning,
                },
            },
        })
    }

    /// Ends a turn that went wrong; only a run that is tried again by the queue leaves it open.
    pub(crate) async fn settle(
        &self,
        account: &account::Model,
        run: RunContext,
        call_budget: &CallBudget,
        error: &RunError,
    ) -> Result<(), DbErr> {
        let row = call_budget.noted(account::Entity::update_of(account.tenant_id));
        match error {
            RunError::Stale(_) | RunError::Stopped { .. } | RunError::Retry { .. } => {
                self.release(row, account, run.lease.id).await
            }
            RunError::Later { until, reason } => self.put_off(row, account, run, *until, *reason).await,
            RunError::Failed { reason, .. } => self.fail(row, account, Some(run.lease.id), *reason).await,
        }
    }

    /// Ends a turn that was tried as often as is allowed.
    pub(crate) async fn give_up(&self, job: &AccountJob, reason: Reason) -> Result<(), DbErr> {
        match self.find(job).await? {
            Some(account) => {
                let row = account::Entity::update_of(account.tenant_id);
                self.fail(row, &account, None, reason).await
            }
            None => Ok(()),
        }
    }

    /// The later this turn came, the more freely the next one is chosen.
    fn next_turn(&self, account: &account::Model) -> Time {
        let now = self.clock.now();
        let late = account.next_sync_at.map(|due| until(due, now));
        spread_after(now, self.cadence.sync_every(account), late.unwrap_or_default())
    }

    async fn find(&self, job: &AccountJob) -> Result<Option<account::Model>, DbErr> {
        account::Entity::of(job.tenant)
            .filter(account::Column::Id.eq(job.account))
            .one(self.database.connection())
            .await
    }

    /// The account's columns after a success.
    pub(crate) fn success(
        &self,
        account: &account::Model,
        run: RunContext,
        call_budget: &CallBudget,
    ) -> UpdateMany<account::Entity> {
        let recovered = account.status == AccountStatus::NeedsAttention
            && !Reason::of_stored(account.status_reason.as_deref())
                .is_some_and(|reason| OF_TOKENS.contains(&reason));
        let mut row = call_budget
            .noted(account::Entity::update_of(account.tenant_id))
            .col_expr(account::Column::SyncedAt, Expr::value(run.started_at))
            .col_expr(account::Column::NextSyncAt, Expr::value(self.next_turn(account)))
            .col_expr(account::Column::SyncError, Expr::value(None::<String>))
            .col_expr(account::Column::SyncFailures, Expr::value(0))
            .col_expr(
                account::Column::BlockedUntil,
                Expr::value(call_budget.quiet_until(self.clock.now())),
            );
        if recovered {
            row = row
                .col_expr(account::Column::Status, Expr::value(AccountStatus::Active))
                .col_expr(account::Column::StatusReason, Expr::value(None::<String>));
        }
        row
    }

    /// Writes the end of a run, if the run still holds the account and nobody paused it meanwhile.
    pub(crate) async fn write(
        &self,
        row: UpdateMany<account::Entity>,
        account: &account::Model,
        lease: LeaseId,
        connection: &impl ConnectionTrait,
    ) -> Result<(), RunError> {
        let written = without_lease(row)
            .filter(account::Column::Id.eq(account.id))
            .filter(account::Column::SyncLeaseId.eq(lease))
            .filter(may_run())
            .exec(connection)
            .await?;
        if written.rows_affected == 1 {
            Ok(())
        } else {
            Err(RunError::Stale(Reason::LeaseLost))
        }
    }

    /// Says that a run goes on; false when it has lost its account. Trouble with it costs nothing: the lease
    /// runs out, and the run ends in vain.
    pub(crate) async fn renew_lease(&self, account: &account::Model, lease: LeaseId) -> bool {
        let until = later(self.clock.now(), LEASE);
        let held = account::Entity::update_of(account.tenant_id)
            .col_expr(account::Column::SyncLeaseUntil, Expr::value(until))
            .filter(account::Column::Id.eq(account.id))
            .filter(account::Column::SyncLeaseId.eq(lease))
            .filter(may_run())
            .exec(self.database.connection())
            .await;
        match held {
            Ok(held) => held.rows_affected > 0,
            Err(error) => {
                tracing::warn!(error = %error, account.id = %account.id, "could not renew the lease of a running job");
                true
            }
        }
    }

    async fn release(
        &self,
        row: UpdateMany<account::Entity>,
        account: &account::Model,
        lease: LeaseId,
    ) -> Result<(), DbErr> {
        let until = later(self.clock.now(), BROUGHT_AGAIN);
        row.col_expr(account::Column::SyncLeaseId, Expr::value(None::<LeaseId>))
            .col_expr(account::Column::SyncLeaseUntil, Expr::value(until))
            .filter(account::Column::Id.eq(account.id))
            .filter(account::Column::SyncLeaseId.eq(lease))
            .exec(self.database.connection())
            .await
            .map(drop)
    }

    /// A turn of the schedule goes on then; a run that somebody asked for leaves the schedule alone. That the
    /// platform asked for quiet is remembered with the account.
    async fn put_off(
        &self,
        row: UpdateMany<account::Entity>,
        account: &account::Model,
        run: RunContext,
        until: Time,
        reason: Reason,
    ) -> Result<(), DbErr> {
        let mut row = row
            .filter(account::Column::Id.eq(account.id))
            .filter(account::Column::SyncLeaseId.eq(run.lease.id))
            .filter(may_run());
        if reason == Reason::ThrottledAccount {
            row = row.col_expr(account::Column::BlockedUntil, Expr::value(until));
        }
        if reason == Reason::AppIncident {
            row = row.col_expr(account::Column::SyncError, Expr::value(reason));
        }
        if !run.requested {
            row = row.col_expr(account::Column::NextSyncAt, Expr::value(until));
        }
        without_lease(row)
            .exec(self.database.connection())
            .await
            .map(drop)
    }

    async fn fail(
        &self,
        row: UpdateMany<account::Entity>,
        account: &account::Model,
        lease: Option<LeaseId>,
        reason: Reason,
    ) -> Result<(), DbErr> {
        let mut row = row
            .col_expr(account::Column::NextSyncAt, Expr::value(self.next_turn(account)))
            .col_expr(
                account::Column::SyncFailures,
                Expr::col(account::Column::SyncFailures).add(1),
            )
            .col_expr(account::Column::SyncError, Expr::value(reason))
            .filter(account::Column::Id.eq(account.id))
            .filter(account::Column::NextSyncAt.is_not_null());
        row = match lease {
            Some(lease) => row.filter(account::Column::SyncLeaseId.eq(lease)),
            None => row.filter(free(self.clock.now())),
        };
        without_lease(row)
            .exec(self.database.connection())
            .await
            .map(drop)
    }
}

/// Neither paused nor without a living token.
fn may_run() -> sea_orm::sea_query::SimpleExpr {
    account::Column::Status.is_in([AccountStatus::Active, AccountStatus::NeedsAttention])
}

/// Held by no run that may still be at work.
fn free(now: Time) -> sea_orm::sea_query::SimpleExpr {
    account::Column::SyncLeaseId
        .is_null()
        .or(account::Column::SyncLeaseUntil.lte(now))
}

fn without_lease(row: UpdateMany<account::Entity>) -> UpdateMany<account::Entity> {
    row.col_expr(account::Column::SyncLeaseId, Expr::value(None::<LeaseId>))
        .col_expr(account::Column::SyncLeaseUntil, Expr::value(None::<Time>))
}
