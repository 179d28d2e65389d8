//! Storing a renewed token.

use crate::{
    Cadence, Reason, RunContext, RunError, RunParts,
    refresh::{report::RefreshReport, turn::held},
    schedule::REFRESHES,
    status_rules::{OF_TOKENS, ask_for_attention},
};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, QueryFilter, sea_query::Expr};
use std::time::Duration;
use vitrine_base::{
    background::leased_work::Backoff, clock::SharedClock, database::Database, security::Vault,
};
use vitrine_entity::{
    TenantOwned, Time,
    account::{self, AccountStatus},
    account_token,
};
use vitrine_instagram::LongLivedToken;

/// Waits before a renewed token that could not be stored is stored again.
const STORED_AGAIN: Backoff = Backoff::new(Duration::from_millis(500), Duration::from_secs(16));
/// Tries after the first: half a minute in all.
const STORED_AGAIN_TIMES: u32 = 6;

/// Stores renewed tokens.
#[derive(Clone)]
pub(super) struct TokenWriter {
    database: Database,
    clock: SharedClock,
    vault: Vault,
    cadence: Cadence,
}

impl TokenWriter {
    pub(super) fn new(parts: &RunParts) -> Self {
        Self {
            database: parts.database.clone(),
            clock: parts.clock.clone(),
            vault: parts.vault.clone(),
            cadence: parts.cadence,
        }
    }

    /// Tries for as long as it is likely to hold the token: what becomes of the old one is not documented, so
    /// the new one must not be lost to a moment without a database.
    pub(super) async fn write(
        &self,
        token: &account_token::Model,
        run: RunContext,
        renewed: &LongLivedToken,
    ) -> Result<RefreshReport, RunError> {
        let mut tries = 0;
        loop {
            tries += 1;
            match self.store_once(token, run, renewed).await {
                Err(RunError::Retry { reason, source }) if tries <= STORED_AGAIN_TIMES => {
                    tracing::warn!(reason = reason.to_string(), cause = ?source, account.id = %token.account_id, "a renewed token could not be stored yet");
                    tokio::time::sleep(STORED_AGAIN.after(tries)).await;
                }
                ended => return ended,
            }
        }
    }

    async fn store_once(
        &self,
        token: &account_token::Model,
        run: RunContext,
        renewed: &LongLivedToken,
    ) -> Result<RefreshReport, RunError> {
        use account_token::Column;
        let now = self.clock.now();
        let plan = self.cadence.renewal(renewed.expires_in, now);
        let expires_at = plan.expires_at;
        let sealed = self.vault.seal_token(token.account_id, renewed.token.expose())?;
        let transaction = self.database.begin_write().await?;
        let written = REFRESHES
            .release(held(token, run.lease.id))
            .col_expr(Column::Ciphertext, Expr::value(sealed.ciphertext))
            .col_expr(Column::KeyId, Expr::value(sealed.key_id))
            .col_expr(Column::ExpiresAt, Expr::value(expires_at))
            .col_expr(Column::ExpiryAssumed, Expr::value(plan.assumed))
            .col_expr(Column::RefreshedAt, Expr::value(now))
            .col_expr(Column::NextRefreshAt, Expr::value(plan.next_refresh_at))
            .col_expr(Column::Failures, Expr::value(0))
            .col_expr(Column::LastError, Expr::value(None::<String>))
            .exec(&transaction)
            .await?;
        if written.rows_affected == 0 {
            return Err(RunError::Stale(Reason::LeaseLost));
        }
        match plan.is_short {
            true => complain(&transaction, token, now).await?,
            false => recover(&transaction, token).await?,
        }
        transaction.commit().await?;
        tracing::info!(account.id = %token.account_id, token.expires_at = %expires_at, "a token was renewed");
        Ok(RefreshReport { expires_at })
    }
}

/// A renewed token that dies before it can be renewed again wants a person now.
async fn complain(
    connection: &impl ConnectionTrait,
    token: &account_token::Model,
    now: Time,
) -> Result<(), DbErr> {
    tracing::warn!(account.id = %token.account_id, "a renewed token dies before it can be renewed again");
    let (tenant, account) = (token.tenant_id, token.account_id);
    ask_for_attention(connection, tenant, account, Reason::TokenShortLived, now).await
}

/// A renewed token takes back the call for a look that its failing had caused.
async fn recover(connection: &impl ConnectionTrait, token: &account_token::Model) -> Result<(), DbErr> {
    account::Entity::update_of(token.tenant_id)
        .col_expr(account::Column::Status, Expr::value(AccountStatus::Active))
        .col_expr(account::Column::StatusReason, Expr::value(None::<String>))
        .filter(account::Column::Id.eq(token.account_id))
        .filter(account::Column::Status.eq(AccountStatus::NeedsAttention))
        .filter(account::Column::StatusReason.is_in(OF_TOKENS))
        .exec(connection)
        .await
        .map(drop)
}
