//! What becomes of accounts that met an incident before it was known as one.

use crate::{
    Reason,
    incidents::{
        proof::Proof,
        stagger::staggered_after,
        trouble::{LASTING, TROUBLE, in_trouble},
    },
};
use chrono::TimeDelta;
use sea_orm::{ColumnTrait, DbErr, QueryFilter, QueryOrder, QuerySelect, UpdateMany, sea_query::Expr};
use vitrine_base::{
    clock::SharedClock,
    database::{Database, Transaction},
};
use vitrine_entity::{
    AccountId, TenantOwned, Time,
    account::{self, AccountStatus},
    account_token,
};

/// Accounts that are taken back at a time.
const BATCH: u64 = 500;
/// Batches of one look; a further one follows within a minute.
const BATCHES: usize = 40;

/// Takes back what an incident did to accounts. Across all tenants, on purpose: the app is one for all of them.
#[derive(Clone)]
pub(super) struct Rollback {
    database: Database,
    clock: SharedClock,
}

impl Rollback {
    pub(super) fn new(database: Database, clock: SharedClock) -> Self {
        Self { database, clock }
    }

    /// Accounts that met the incident before it was known as one are as before, and do not wait for a whole
    /// cadence; each batch has a turn of its own. What happened to them no longer counts as their trouble.
    pub(super) async fn restore_accounts(&self, proof: Proof, next_turn: Time) -> Result<(), DbErr> {
        let since = self.clock.now() - TimeDelta::from_std(LASTING).unwrap_or_default();
        let mut acquitted = 0;
        for _ in 0..BATCHES {
            match self
                .restore_batch(since, proof, staggered_after(next_turn))
                .await?
            {
                0 => break,
                some => acquitted += some,
            }
        }
        if acquitted > 0 {
            tracing::info!(
                acquitted,
                "restored accounts that were marked before the incident was recognised"
            );
        }
        Ok(())
    }

    pub(super) async fn restore_batch(
        &self,
        since: Time,
        proof: Proof,
        next_turn: Time,
    ) -> Result<usize, DbErr> {
        let transaction = self.database.begin_write().await?;
        let some = consenting(&transaction, since, proof).await?;
        account_token::Entity::update_across_tenants()
            .col_expr(account_token::Column::NextRefreshAt, Expr::value(next_turn))
            .filter(account_token::Column::AccountId.is_in(some.iter().copied()))
            .filter(account_token::Column::NextRefreshAt.is_null())
            .exec(&transaction)
            .await?;
        as_before(next_turn)
            .filter(account::Column::Id.is_in(some.iter().copied()))
            .filter(account::Column::Status.ne(AccountStatus::Paused))
            .exec(&transaction)
            .await?;
        transaction.commit().await?;
        Ok(some.len())
    }
}

/// Accounts in trouble whose owners still consent, with their tokens held: one that was deauthorized while its run
/// was under way has none any more, and waits for another consent.
async fn consenting(transaction: &Transaction, since: Time, proof: Proof) -> Result<Vec<AccountId>, DbErr> {
    let some: Vec<AccountId> = in_trouble(since, proof, TROUBLE.to_vec())
        .select_only()
        .column(account::Column::Id)
        .limit(BATCH)
        .into_tuple()
        .all(transaction)
        .await?;
    account_token::Entity::across_tenants()
        .select_only()
        .column(account_token::Column::AccountId)
        .filter(account_token::Column::AccountId.is_in(some))
        .order_by_asc(account_token::Column::AccountId)
        .lock_exclusive()
        .into_tuple()
        .all(transaction)
        .await
}

fn as_before(next_turn: Time) -> UpdateMany<account::Entity> {
    account::Entity::update_across_tenants()
        .col_expr(account::Column::Status, Expr::value(AccountStatus::Active))
        .col_expr(account::Column::StatusReason, Expr::value(None::<String>))
        .col_expr(account::Column::SyncError, Expr::value(Reason::AppIncident))
        .col_expr(account::Column::NextSyncAt, Expr::value(next_turn))
}
