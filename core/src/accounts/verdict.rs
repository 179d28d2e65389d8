//! When an account's state changes because of what Instagram said.

use super::{Breaker, RunError, breaker::spread_after, calls::APP_INCIDENT};
use crate::{clock::SharedClock, database::Database};
use chrono::TimeDelta;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, PaginatorTrait, QueryFilter, QuerySelect, Select,
    sea_query::Expr,
};
use std::{convert::Infallible, time::Duration};
use vitrine_entity::{
    AccountId, TenantId, TenantOwned, Time,
    account::{self, AccountStatus},
    account_token,
};
use vitrine_instagram::{Refusal, TokenDeath};

/// A sudden incident shows within this span: most calls of the last minutes were refused.
const SUDDEN: Duration = Duration::from_mins(15);
/// A lasting one shows over a day, in which every account had its turn.
const LASTING: Duration = Duration::from_hours(24);
/// So many accounts refused at once, and more than were read, are the app's trouble.
const INCIDENT_FROM: usize = 5;
/// Refusals in a row before a person is asked to look.
const REFUSALS_BEFORE_ATTENTION: i32 = 2;

/// Reason of an account whose token cannot be renewed and dies soon.
pub(super) const REFRESH_FAILING: &str = "token_refresh_failing";

/// Decides over accounts.
#[derive(Clone)]
pub struct Verdicts {
    database: Database,
    clock: SharedClock,
    breaker: Breaker,
}

impl Verdicts {
    /// The rules over their parts.
    #[must_use]
    pub fn new(database: Database, clock: SharedClock, breaker: Breaker) -> Self {
        Self {
            database,
            clock,
            breaker,
        }
    }

    /// Instagram called a token dead, twice: its account needs a new consent, unless most accounts
    /// are told so at once. Nothing happens to a token that was replaced meanwhile.
    ///
    /// # Errors
    /// How the run ends; it always does.
    pub async fn dead(
        &self,
        account: &account::Model,
        token: &account_token::Model,
        reason: &'static str,
    ) -> Result<Infallible, RunError> {
        let ran_out = token.expires_at <= self.clock.now();
        if !ran_out {
            self.note(account, reason).await?;
            self.check_incident(account, reason).await?;
        }
        match self.needs_reconnect(token, reason).await? {
            true => Err(RunError::Stopped { reason }),
            false => Err(RunError::Stale("token_replaced")),
        }
    }

    /// Stops both schedules; the photos stay. False when the token is not the one that was judged.
    async fn needs_reconnect(&self, token: &account_token::Model, reason: &str) -> Result<bool, DbErr> {
        let transaction = self.database.begin_write().await?;
        let stopped = account_token::Entity::update_of(token.tenant_id)
            .col_expr(account_token::Column::NextRefreshAt, Expr::value(None::<Time>))
            .col_expr(account_token::Column::LastError, Expr::value(reason))
            .filter(account_token::Column::AccountId.eq(token.account_id))
            .filter(account_token::Column::Ciphertext.eq(token.ciphertext.clone()))
            .exec(&transaction)
            .await?;
        if stopped.rows_affected == 0 {
            return Ok(false);
        }
        account::Entity::update_of(token.tenant_id)
            .col_expr(
                account::Column::Status,
                Expr::value(AccountStatus::NeedsReconnect),
            )
            .col_expr(account::Column::StatusReason, Expr::value(reason))
            .col_expr(account::Column::SyncError, Expr::value(reason))
            .col_expr(account::Column::NextSyncAt, Expr::value(None::<Time>))
            .col_expr(account::Column::UpdatedAt, Expr::value(self.clock.now()))
            .filter(account::Column::Id.eq(token.account_id))
            .exec(&transaction)
            .await?;
        transaction.commit().await?;
        tracing::warn!(account.id = %token.account_id, reason, "an account must be connected again; its photos are served on");
        Ok(true)
    }

    /// Somebody should look at the account; its schedules go on. Twice says the same.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn needs_attention(&self, tenant: TenantId, id: AccountId, reason: &str) -> Result<(), DbErr> {
        account::Entity::update_of(tenant)
            .col_expr(
                account::Column::Status,
                Expr::value(AccountStatus::NeedsAttention),
            )
            .col_expr(account::Column::StatusReason, Expr::value(reason))
            .col_expr(account::Column::UpdatedAt, Expr::value(self.clock.now()))
            .filter(account::Column::Id.eq(id))
            .filter(account::Column::Status.is_in([AccountStatus::Active, AccountStatus::NeedsAttention]))
            .exec(self.database.connection())
            .await
            .map(drop)
    }

    /// Instagram refuses an account although its token lives: one account's trouble, unless many
    /// are refused at once. Then it is the app's: the app keeps quiet, and no account changes.
    ///
    /// # Errors
    /// How the run ends; it always does.
    pub async fn refused(
        &self,
        account: &account::Model,
        reason: &'static str,
    ) -> Result<Infallible, RunError> {
        self.note(account, reason).await?;
        self.check_incident(account, reason).await?;
        if account.sync_failures + 1 >= REFUSALS_BEFORE_ATTENTION {
            self.needs_attention(account.tenant_id, account.id, reason)
                .await?;
        }
        Err(RunError::Failed { reason, source: None })
    }

    /// Others count it at once, so that runs in the same trouble see each other. An account that
    /// somebody should look at already is no news.
    async fn note(&self, account: &account::Model, reason: &str) -> Result<(), DbErr> {
        account::Entity::update_of(account.tenant_id)
            .col_expr(account::Column::SyncError, Expr::value(reason))
            .col_expr(account::Column::UpdatedAt, Expr::value(self.clock.now()))
            .filter(account::Column::Id.eq(account.id))
            .filter(account::Column::Status.eq(AccountStatus::Active))
            .exec(self.database.connection())
            .await
            .map(drop)
    }

    /// In an incident the app keeps quiet, and accounts that were marked when it began are as before.
    async fn check_incident(&self, account: &account::Model, reason: &str) -> Result<(), RunError> {
        let sudden = self.most_are_in_trouble(account, SUDDEN).await?;
        if !sudden && !self.most_are_in_trouble(account, LASTING).await? {
            return Ok(());
        }
        let until = self.breaker.open(reason).await?;
        let acquitted = self.acquit(until).await?;
        if acquitted > 0 {
            tracing::info!(
                acquitted,
                "accounts that were marked before the incident was known are as before"
            );
        }
        Err(RunError::Later {
            until: spread_after(until),
            reason: APP_INCIDENT,
        })
    }

    /// Across all tenants, on purpose: the app is one for all of them. One tenant alone cannot make
    /// the others' incident.
    async fn most_are_in_trouble(&self, account: &account::Model, span: Duration) -> Result<bool, DbErr> {
        let since = self.clock.now() - TimeDelta::from_std(span).unwrap_or_default();
        let connection = self.database.connection();
        let owners: Vec<TenantId> = in_trouble(since)
            .select_only()
            .column(account::Column::TenantId)
            .into_tuple()
            .all(connection)
            .await?;
        if owners.len() < INCIDENT_FROM {
            return Ok(false);
        }
        let read = account::Entity::find()
            .filter(account::Column::SyncedAt.gte(since))
            .filter(account::Column::SyncError.is_null())
            .filter(account::Column::Id.ne(account.id))
            .count(connection)
            .await?;
        let several = owners.iter().any(|owner| *owner != account.tenant_id);
        Ok(owners.len() as u64 > read && (several || !self.others_exist(account.tenant_id).await?))
    }

    async fn others_exist(&self, tenant: TenantId) -> Result<bool, DbErr> {
        let other = account::Entity::find()
            .filter(account::Column::TenantId.ne(tenant))
            .one(self.database.connection())
            .await?;
        Ok(other.is_some())
    }

    /// Takes back what an incident made of accounts before it was known as one.
    async fn acquit(&self, next_turn: Time) -> Result<u64, DbErr> {
        let since = self.clock.now() - TimeDelta::from_std(LASTING).unwrap_or_default();
        let transaction = self.database.begin_write().await?;
        let marked = [AccountStatus::NeedsReconnect, AccountStatus::NeedsAttention];
        let acquitted = account::Entity::update_many()
            .col_expr(account::Column::Status, Expr::value(AccountStatus::Active))
            .col_expr(account::Column::StatusReason, Expr::value(None::<String>))
            .col_expr(account::Column::NextSyncAt, Expr::value(next_turn))
            .filter(account::Column::SyncError.is_in(trouble()))
            .filter(account::Column::StatusReason.is_in(trouble()))
            .filter(account::Column::Status.is_in(marked))
            .filter(account::Column::UpdatedAt.gte(since))
            .exec_with_returning(&transaction)
            .await?;
        account_token::Entity::update_many()
            .col_expr(account_token::Column::NextRefreshAt, Expr::value(next_turn))
            .filter(account_token::Column::AccountId.is_in(acquitted.iter().map(|account| account.id)))
            .filter(account_token::Column::NextRefreshAt.is_null())
            .exec(&transaction)
            .await?;
        bring_forward(&transaction, since, next_turn).await?;
        transaction.commit().await?;
        Ok(acquitted.len() as u64)
    }
}

/// Accounts that were refused before the incident was known do not wait for a whole cadence.
async fn bring_forward(connection: &impl ConnectionTrait, since: Time, next_turn: Time) -> Result<(), DbErr> {
    account::Entity::update_many()
        .col_expr(account::Column::NextSyncAt, Expr::value(next_turn))
        .filter(account::Column::SyncError.is_in(trouble()))
        .filter(account::Column::Status.eq(AccountStatus::Active))
        .filter(account::Column::UpdatedAt.gte(since))
        .filter(account::Column::NextSyncAt.gt(next_turn))
        .exec(connection)
        .await
        .map(drop)
}

/// Accounts that met trouble since then, which may be the app's.
fn in_trouble(since: Time) -> Select<account::Entity> {
    account::Entity::find()
        .filter(account::Column::SyncError.is_in(trouble()))
        .filter(account::Column::Status.ne(AccountStatus::Paused))
        .filter(account::Column::UpdatedAt.gte(since))
}

/// The words that such trouble leaves in an account. A token that ran out is nobody's but its own.
fn trouble() -> [&'static str; 9] {
    [
        Refusal::AppMayNotActOnAccount.code_word(),
        Refusal::PermissionMissing.code_word(),
        Refusal::ProofRequired.code_word(),
        TokenDeath::PasswordChanged.code_word(),
        TokenDeath::AppRemoved.code_word(),
        TokenDeath::Checkpoint.code_word(),
        TokenDeath::Unconfirmed.code_word(),
        TokenDeath::Corrupt.code_word(),
        TokenDeath::Other.code_word(),
    ]
}
