//! How a turn ends that went wrong.

use crate::{
    CallBudget, Reason, RunContext, RunError,
    jobs::AccountJob,
    run_lease::BROUGHT_AGAIN,
    schedule::SYNCS,
    sync::turns::{SyncTurns, may_run},
};
use sea_orm::{ColumnTrait, DbErr, ExprTrait, QueryFilter, UpdateMany, sea_query::Expr};
use vitrine_base::clock::later;
use vitrine_entity::{TenantOwned, Time, account};

impl SyncTurns {
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
                self.release(row, account, run).await
            }
            RunError::Later { until, reason } => self.put_off(row, account, run, *until, *reason).await,
            RunError::Failed { reason, .. } => {
                let row = SYNCS.held(row, account.id, run.lease.id);
                self.fail(row, account, *reason).await
            }
        }
    }

    /// Ends a turn that was tried as often as is allowed.
    pub(crate) async fn give_up(&self, job: &AccountJob, reason: Reason) -> Result<(), DbErr> {
        match self.find(job).await? {
            Some(account) => {
                let row = account::Entity::update_of(account.tenant_id)
                    .filter(account::Column::Id.eq(account.id))
                    .filter(SYNCS.is_free(self.clock.now()));
                self.fail(row, &account, reason).await
            }
            None => Ok(()),
        }
    }

    async fn release(
        &self,
        row: UpdateMany<account::Entity>,
        account: &account::Model,
        run: RunContext,
    ) -> Result<(), DbErr> {
        let row = SYNCS.release_until(row, later(self.clock.now(), BROUGHT_AGAIN));
        let row = SYNCS.held(row, account.id, run.lease.id);
        row.exec(self.database.connection()).await.map(drop)
    }

    /// A turn of the schedule goes on then; a run that somebody asked for leaves the schedule alone. That the
    /// platform asked for a cooldown is remembered with the account.
    async fn put_off(
        &self,
        row: UpdateMany<account::Entity>,
        account: &account::Model,
        run: RunContext,
        until: Time,
        reason: Reason,
    ) -> Result<(), DbErr> {
        let mut row = SYNCS
            .held(SYNCS.release(row), account.id, run.lease.id)
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
        row.exec(self.database.connection()).await.map(drop)
    }

    /// The schedule goes on; an account whose schedule was stopped meanwhile stays stopped.
    async fn fail(
        &self,
        row: UpdateMany<account::Entity>,
        account: &account::Model,
        reason: Reason,
    ) -> Result<(), DbErr> {
        let failures = Expr::col(account::Column::SyncFailures).add(1);
        SYNCS
            .release(row)
            .col_expr(account::Column::NextSyncAt, Expr::value(self.next_turn(account)))
            .col_expr(account::Column::SyncFailures, failures)
            .col_expr(account::Column::SyncError, Expr::value(reason))
            .filter(account::Column::NextSyncAt.is_not_null())
            .exec(self.database.connection())
            .await
            .map(drop)
    }
}
