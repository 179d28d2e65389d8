//! When an account's state changes because of what Instagram said.

use super::{Incidents, RunError};
use crate::incidents::{incident::ENDED_EARLY, proof::Proof};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, QueryFilter, sea_query::Expr};
use std::convert::Infallible;
use vitrine_base::{clock::SharedClock, database::Database};
use vitrine_entity::{
    AccountId, TenantId, TenantOwned, Time,
    account::{self, AccountStatus},
    account_token,
};
use vitrine_instagram::TokenDeath;
use vitrine_people::audit::{self, Actor, AuditEntry};

/// Refusals in a row before a person is asked to look.
const REFUSALS_BEFORE_ATTENTION: i32 = 2;

/// Reason of an account whose token cannot be renewed and dies soon.
pub(super) const REFRESH_FAILING: &str = "token_refresh_failing";
/// Reason of an account whose token dies before Instagram is sure to renew it.
pub(crate) const TOKEN_SHORT_LIVED: &str = "token_short_lived";
/// Reasons that a renewed token takes back, and a sync does not.
pub(super) const OF_TOKENS: [&str; 2] = [REFRESH_FAILING, TOKEN_SHORT_LIVED];

/// Decides over accounts.
#[derive(Clone)]
pub struct StatusRules {
    database: Database,
    clock: SharedClock,
    incidents: Incidents,
}

impl StatusRules {
    /// The rules over their parts.
    #[must_use]
    pub fn new(database: Database, clock: SharedClock, incidents: Incidents) -> Self {
        Self {
            database,
            clock,
            incidents,
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
        let reason = match reason == TokenDeath::Expired.code_word() && !ran_out {
            true => ENDED_EARLY,
            false => reason,
        };
        if !ran_out {
            self.note(account, reason).await?;
            self.incidents.check(account, Proof::of(token), reason).await?;
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
        let entry = AuditEntry {
            detail: Some(serde_json::json!({ "reason": reason })),
            ..AuditEntry::to("account.needs_reconnect", token.account_id.0)
        };
        audit::record(
            &transaction,
            token.tenant_id,
            Actor::System,
            entry,
            self.clock.now(),
        )
        .await?;
        transaction.commit().await?;
        tracing::warn!(account.id = %token.account_id, reason, "an account must be connected again; its photos are still served");
        Ok(true)
    }

    /// Somebody should look at the account; its schedules go on. Twice says the same.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn needs_attention(&self, tenant: TenantId, id: AccountId, reason: &str) -> Result<(), DbErr> {
        let (connection, now) = (self.database.connection(), self.clock.now());
        ask_for_attention(connection, tenant, id, reason, now).await
    }

    /// Instagram refuses an account although its token lives: one account's trouble, unless many
    /// are refused at once. Then it is the app's: the app keeps quiet, and no account changes.
    ///
    /// # Errors
    /// How the run ends; it always does.
    pub async fn refused(
        &self,
        account: &account::Model,
        token: &account_token::Model,
        reason: &'static str,
    ) -> Result<Infallible, RunError> {
        self.note(account, reason).await?;
        self.incidents.check(account, Proof::of(token), reason).await?;
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
}

/// Somebody should look at an account; its schedules go on. Twice says the same.
pub(crate) async fn ask_for_attention(
    connection: &impl ConnectionTrait,
    tenant: TenantId,
    id: AccountId,
    reason: &str,
    now: Time,
) -> Result<(), DbErr> {
    account::Entity::update_of(tenant)
        .col_expr(
            account::Column::Status,
            Expr::value(AccountStatus::NeedsAttention),
        )
        .col_expr(account::Column::StatusReason, Expr::value(reason))
        .col_expr(account::Column::UpdatedAt, Expr::value(now))
        .filter(account::Column::Id.eq(id))
        .filter(account::Column::Status.is_in([AccountStatus::Active, AccountStatus::NeedsAttention]))
        .exec(connection)
        .await
        .map(drop)
}
