//! When an account's state changes because of what Instagram said.

use crate::{Incidents, Reason, RunError, incidents::proof::Proof};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, QueryFilter, sea_query::Expr};
use vitrine_base::{clock::SharedClock, database::Database};
use vitrine_entity::{
    AccountId, TenantId, TenantOwned, Time,
    account::{self, AccountStatus},
    account_token,
};
use vitrine_instagram::{Refusal, TokenDeath};
use vitrine_people::audit::{self, Actor, AuditEntry};

/// Refusals in a row before a person is asked to look.
const REFUSALS_BEFORE_ATTENTION: i32 = 2;

/// Reasons that a renewed token takes back, and a sync does not.
pub(super) const OF_TOKENS: [Reason; 2] = [Reason::TokenRefreshFailing, Reason::TokenShortLived];

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

    /// How a run ends whose token Instagram called dead, twice: its account needs a new consent, unless most accounts
    /// get that answer at once. Nothing happens to a token that was replaced meanwhile.
    pub(crate) async fn dead(
        &self,
        account: &account::Model,
        token: &account_token::Model,
        death: TokenDeath,
    ) -> RunError {
        self.judge_dead(account, token, death)
            .await
            .unwrap_or_else(RunError::from)
    }

    async fn judge_dead(
        &self,
        account: &account::Model,
        token: &account_token::Model,
        death: TokenDeath,
    ) -> Result<RunError, DbErr> {
        let ran_out = token.expires_at <= self.clock.now();
        let reason = match death {
            TokenDeath::Expired if !ran_out => Reason::TokenEndedEarly,
            death => death.into(),
        };
        // A token that ran out is nobody's trouble but its own, however many do so at once.
        if !ran_out && let Some(until) = self.wait_of_incident(account, token, reason).await? {
            return Ok(waits_for_app(until));
        }
        Ok(match self.needs_reconnect(token, reason).await? {
            true => RunError::Stopped { reason },
            false => RunError::Stale(Reason::TokenReplaced),
        })
    }

    /// How a run ends whose account Instagram refuses although its token lives: one account's trouble, unless many
    /// are refused at once. Then it is the app's: the app cools down, and no account changes.
    pub(crate) async fn refused(
        &self,
        account: &account::Model,
        token: &account_token::Model,
        refusal: Refusal,
    ) -> RunError {
        self.judge_refused(account, token, refusal.into())
            .await
            .unwrap_or_else(RunError::from)
    }

    async fn judge_refused(
        &self,
        account: &account::Model,
        token: &account_token::Model,
        reason: Reason,
    ) -> Result<RunError, DbErr> {
        if let Some(until) = self.wait_of_incident(account, token, reason).await? {
            return Ok(waits_for_app(until));
        }
        if account.sync_failures + 1 >= REFUSALS_BEFORE_ATTENTION {
            self.needs_attention(account.tenant_id, account.id, reason)
                .await?;
        }
        Ok(RunError::Failed { reason, source: None })
    }

    /// Notes the trouble of an account; until when it waits where most accounts have the same.
    async fn wait_of_incident(
        &self,
        account: &account::Model,
        token: &account_token::Model,
        reason: Reason,
    ) -> Result<Option<Time>, DbErr> {
        self.note(account, reason).await?;
        self.incidents.check(account, Proof::of(token), reason).await
    }

    /// Stops both schedules; the photos stay. False when the token is not the one that was judged.
    async fn needs_reconnect(&self, token: &account_token::Model, reason: Reason) -> Result<bool, DbErr> {
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
            detail: Some(serde_json::json!({ "reason": reason.to_string() })),
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
        tracing::warn!(account.id = %token.account_id, reason = reason.to_string(), "an account must be connected again; its photos are still served");
        Ok(true)
    }

    /// Somebody should look at the account; its schedules go on. Twice says the same.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn needs_attention(
        &self,
        tenant: TenantId,
        id: AccountId,
        reason: Reason,
    ) -> Result<(), DbErr> {
        let (connection, now) = (self.database.connection(), self.clock.now());
        ask_for_attention(connection, tenant, id, reason, now).await
    }

    /// Others count it at once, so that runs in the same trouble see each other. An account that
    /// somebody should look at already is no news.
    async fn note(&self, account: &account::Model, reason: Reason) -> Result<(), DbErr> {
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

/// Whoever met the trouble of the app goes on when it is over.
fn waits_for_app(until: Time) -> RunError {
    RunError::Later {
        until,
        reason: Reason::AppIncident,
    }
}

/// Somebody should look at an account; its schedules go on. Twice says the same.
pub(crate) async fn ask_for_attention(
    connection: &impl ConnectionTrait,
    tenant: TenantId,
    id: AccountId,
    reason: Reason,
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
