//! When an account's state changes because of what Instagram said.

use crate::{
    accounts::RunError,
    budget::{Budget, Payer},
    clock::{SharedClock, later},
    database::Database,
};
use chrono::TimeDelta;
use sea_orm::{ColumnTrait, DbErr, EntityTrait, PaginatorTrait, QueryFilter, sea_query::Expr};
use std::{sync::Arc, time::Duration};
use vitrine_entity::{
    AccountId, TenantId, TenantOwned,
    account::{self, AccountStatus},
    account_token,
};
use vitrine_instagram::Refusal;

/// A sudden incident shows within this span: most calls of the last minutes were refused.
const SUDDEN: Duration = Duration::from_mins(15);
/// A lasting one shows over a day, in which every account had its turn.
const LASTING: Duration = Duration::from_hours(24);
/// So many accounts refused at once, and more than were read, are the app's trouble.
const INCIDENT_FROM: u64 = 5;
/// How long the app keeps quiet in an incident before it tries again.
const INCIDENT_QUIET: Duration = Duration::from_mins(15);
/// Refusals in a row before a person is asked to look.
const REFUSALS_BEFORE_ATTENTION: i32 = 2;

/// Reason of an account whose token cannot be renewed and dies soon.
pub(super) const REFRESH_FAILING: &str = "token_refresh_failing";

/// Decides over accounts.
#[derive(Clone)]
pub struct Verdicts {
    database: Database,
    clock: SharedClock,
    budget: Arc<dyn Budget>,
}

impl Verdicts {
    /// The rules over their parts.
    #[must_use]
    pub fn new(database: Database, clock: SharedClock, budget: Arc<dyn Budget>) -> Self {
        Self {
            database,
            clock,
            budget,
        }
    }

    /// The token is dead: both schedules stop, the photos stay. Twice says the same.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn needs_reconnect(&self, tenant: TenantId, id: AccountId, reason: &str) -> Result<(), DbErr> {
        let transaction = self.database.begin_write().await?;
        account::Entity::update_of(tenant)
            .col_expr(
                account::Column::Status,
                Expr::value(AccountStatus::NeedsReconnect),
            )
            .col_expr(account::Column::StatusReason, Expr::value(reason))
            .col_expr(account::Column::SyncError, Expr::value(reason))
            .col_expr(
                account::Column::NextSyncAt,
                Expr::value(None::<vitrine_entity::Time>),
            )
            .col_expr(account::Column::UpdatedAt, Expr::value(self.clock.now()))
            .filter(account::Column::Id.eq(id))
            .exec(&transaction)
            .await?;
        account_token::Entity::update_of(tenant)
            .col_expr(
                account_token::Column::NextRefreshAt,
                Expr::value(None::<vitrine_entity::Time>),
            )
            .col_expr(account_token::Column::LastError, Expr::value(reason))
            .filter(account_token::Column::AccountId.eq(id))
            .exec(&transaction)
            .await?;
        transaction.commit().await?;
        tracing::warn!(account.id = %id, reason, "an account must be connected again; its photos are served on");
        Ok(())
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
    /// Always the way in which the run ends.
    pub async fn refused(&self, account: &account::Model, reason: &'static str) -> Result<(), RunError> {
        self.note_refusal(account, reason).await?;
        if self.is_incident(account).await? {
            let until = later(self.clock.now(), INCIDENT_QUIET);
            self.budget.block(Payer::App, until).await?;
            tracing::error!(reason, until = %until, "instagram refuses most accounts: the app keeps quiet");
            return Err(RunError::Later {
                until,
                reason: "app_incident",
            });
        }
        if account.sync_failures + 1 >= REFUSALS_BEFORE_ATTENTION {
            self.needs_attention(account.tenant_id, account.id, reason)
                .await?;
        }
        Err(RunError::Failed { reason, source: None })
    }

    /// Others count it at once, so that runs that are refused together see each other.
    async fn note_refusal(&self, account: &account::Model, reason: &str) -> Result<(), DbErr> {
        account::Entity::update_of(account.tenant_id)
            .col_expr(account::Column::SyncError, Expr::value(reason))
            .col_expr(account::Column::UpdatedAt, Expr::value(self.clock.now()))
            .filter(account::Column::Id.eq(account.id))
            .exec(self.database.connection())
            .await
            .map(drop)
    }

    async fn is_incident(&self, account: &account::Model) -> Result<bool, DbErr> {
        Ok(
            self.most_were_refused(account, SUDDEN).await?
                || self.most_were_refused(account, LASTING).await?,
        )
    }

    /// Across all tenants, on purpose: the app is one for all of them. Accounts that somebody should
    /// look at already are no news.
    async fn most_were_refused(&self, account: &account::Model, span: Duration) -> Result<bool, DbErr> {
        let since = self.clock.now() - TimeDelta::from_std(span).unwrap_or_default();
        let connection = self.database.connection();
        let refused = account::Entity::find()
            .filter(account::Column::SyncError.is_in(refusals()))
            .filter(account::Column::Status.eq(AccountStatus::Active))
            .filter(account::Column::UpdatedAt.gte(since))
            .count(connection)
            .await?;
        if refused < INCIDENT_FROM {
            return Ok(false);
        }
        let read = account::Entity::find()
            .filter(account::Column::SyncedAt.gte(since))
            .filter(account::Column::SyncError.is_null())
            .filter(account::Column::Id.ne(account.id))
            .count(connection)
            .await?;
        Ok(refused > read)
    }
}

/// The words that a refusal leaves in an account.
fn refusals() -> [&'static str; 3] {
    [
        Refusal::AppMayNotActOnAccount,
        Refusal::PermissionMissing,
        Refusal::ProofRequired,
    ]
    .map(Refusal::code_word)
}
