//! A turn of the sync schedule: taken by one run, and ended by it.

use crate::{
    CallBudget, Reason, RunContext, RunError,
    jobs::AccountJob,
    run_lease::{LEASE, already_running, is_still_held},
    schedule::{Cadence, SYNCS, spread_after},
    status_rules::OF_TOKENS,
    sync::turn_batches::{self, ClaimRequest, ClaimedAccount, Unchanged},
};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, QueryFilter, UpdateMany, sea_query::Expr};
use vitrine_base::{
    clock::{SharedClock, later, until},
    database::Database,
    database::QueryBatcher,
};
use vitrine_entity::{
    TenantOwned, Time,
    account::{self, AccountStatus},
};

/// Gives each account's turn to one run at a time.
#[derive(Clone)]
pub(crate) struct SyncTurns {
    pub(super) database: Database,
    pub(super) clock: SharedClock,
    cadence: Cadence,
    takes: QueryBatcher<ClaimRequest, Option<ClaimedAccount>>,
    ends: QueryBatcher<Unchanged, bool>,
}

impl SyncTurns {
    pub(crate) fn new(database: Database, clock: SharedClock, cadence: Cadence) -> Self {
        Self {
            takes: turn_batches::takes(database.clone()),
            ends: turn_batches::ends(database.clone()),
            database,
            clock,
            cadence,
        }
    }

    /// Takes the account for a run, with its token.
    pub(crate) async fn take(&self, job: &AccountJob, run: RunContext) -> Result<ClaimedAccount, RunError> {
        let claim = ClaimRequest {
            tenant: job.tenant,
            account: job.account,
            lease: run.lease,
            now: run.started_at,
            due_at: job.due_at,
        };
        match self.takes.submit(claim).await? {
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
            blocked_until: call_budget.cooldown_until(self.clock.now()),
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
                AccountStatus::Active | AccountStatus::NeedsAttention => {
                    already_running(account.sync_lease_until, now)
                }
            },
        })
    }

    /// The later this turn came, the more freely the next one is chosen.
    pub(super) fn next_turn(&self, account: &account::Model) -> Time {
        let now = self.clock.now();
        let late = account.next_sync_at.map(|due| until(due, now));
        spread_after(now, self.cadence.sync_every(account), late.unwrap_or_default())
    }

    pub(super) async fn find(&self, job: &AccountJob) -> Result<Option<account::Model>, DbErr> {
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
                Expr::value(call_budget.cooldown_until(self.clock.now())),
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
        run: RunContext,
        connection: &impl ConnectionTrait,
    ) -> Result<(), RunError> {
        // The lease is part of the statement that it allows: between a look and a write another run may take over.
        let row = SYNCS.held(SYNCS.release(row), account.id, run.lease.id);
        let written = row.filter(may_run()).exec(connection).await?;
        match written.rows_affected {
            1 => Ok(()),
            _ => Err(RunError::Stale(Reason::LeaseLost)),
        }
    }

    /// Says that a run goes on; false when it has lost its account.
    pub(crate) async fn renew_lease(&self, account: &account::Model, run: RunContext) -> bool {
        let until = later(self.clock.now(), LEASE);
        let row = SYNCS.extend(account::Entity::update_of(account.tenant_id), until);
        let row = SYNCS.held(row, account.id, run.lease.id).filter(may_run());
        is_still_held(row.exec(self.database.connection()).await, account.id)
    }
}

/// Neither paused nor without a living token.
pub(super) fn may_run() -> sea_orm::sea_query::SimpleExpr {
    account::Column::Status.is_in([AccountStatus::Active, AccountStatus::NeedsAttention])
}

#[cfg(test)]
mod tests;
