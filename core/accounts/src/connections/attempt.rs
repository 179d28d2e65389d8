//! One attempt to connect: OAuth's `state`, used once.

use super::{ConnectError, Connections};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use chrono::TimeDelta;
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, QueryFilter, QuerySelect,
    QueryTrait, sea_query::Expr,
};
use secrecy::{ExposeSecret, SecretString};
use std::time::Duration;
use vitrine_base::{clock::later, random};
use vitrine_entity::{
    AccountId, ConnectAttemptId, TenantId, TenantOwned, Time,
    connect_attempt::{self, Model},
};
use vitrine_people::identity::{Person, ensure_access};

/// How long somebody may take to consent.
const LIFETIME: Duration = Duration::from_mins(15);
/// How often, and how long each time, a second visitor of the callback waits for the first.
const WAITS: u32 = 40;
const WAIT: Duration = Duration::from_millis(250);
/// How long an attempt is kept after its state died.
const KEPT_FOR: TimeDelta = TimeDelta::days(1);

/// An attempt to be written down.
pub(super) struct NewAttempt<'a> {
    pub(super) tenant: TenantId,
    /// The person who begins it; none for a key.
    pub(super) by: Option<&'a Person>,
    pub(super) redirect_uri: String,
    pub(super) return_to: Option<String>,
    pub(super) account: Option<AccountId>,
}

/// What came of redeeming a state.
pub(super) enum Redeemed {
    /// It is ours to go on with.
    First(Box<Model>),
    /// Somebody went on with it before, and it ended well.
    Before(AccountId),
}

/// Forgets some attempts whose state died a day ago, of all tenants; gives how many.
pub async fn prune_attempts(connection: &impl ConnectionTrait, now: Time, most: u64) -> Result<u64, DbErr> {
    let old = connect_attempt::Entity::across_tenants()
        .select_only()
        .column(connect_attempt::Column::Id)
        .filter(connect_attempt::Column::ExpiresAt.lt(now - KEPT_FOR))
        .limit(most)
        .into_query();
    let deleted = connect_attempt::Entity::delete_across_tenants()
        .filter(connect_attempt::Column::Id.in_subquery(old))
        .exec(connection)
        .await?;
    Ok(deleted.rows_affected)
}

impl Connections {
    pub(super) async fn open_attempt(
        &self,
        new: NewAttempt<'_>,
    ) -> Result<(SecretString, Model), ConnectError> {
        let state = SecretString::from(BASE64_URL_SAFE_NO_PAD.encode(random::bytes::<32>()));
        let now = self.clock.now();
        self.forget_old_attempts(new.tenant, now).await?;
        let row = connect_attempt::ActiveModel {
            id: Set(ConnectAttemptId::generate()),
            tenant_id: Set(new.tenant),
            user_id: Set(new.by.map(|by| by.user)),
            state_hash: Set(self.hash(state.expose_secret())),
            redirect_uri: Set(new.redirect_uri),
            return_to: Set(new.return_to),
            account_id: Set(new.account),
            created_at: Set(now),
            expires_at: Set(later(now, LIFETIME)),
            used_at: Set(None),
            connected_account_id: Set(None),
            error: Set(None),
        };
        let transaction = self.database.begin_write().await?;
        if let Some(person) = new.by {
            ensure_access(&transaction, person, now).await??;
        }
        let attempt = row.insert(&transaction).await?;
        transaction.commit().await?;
        Ok((state, attempt))
    }

    /// The attempt of a state, whoever's it is; the state itself is what proves the right to it.
    pub(super) async fn find_attempt(&self, state: &str) -> Result<Model, ConnectError> {
        connect_attempt::Entity::across_tenants()
            .filter(connect_attempt::Column::StateHash.eq(self.hash(state)))
            .one(self.database.connection())
            .await?
            .ok_or(ConnectError::StateUnknown)
    }

    /// Uses a state up. Whoever comes second waits for the first and shares its success.
    pub(super) async fn redeem(&self, attempt: &Model) -> Result<Redeemed, ConnectError> {
        let now = self.clock.now();
        let redeemed = connect_attempt::Entity::update_of(attempt.tenant_id)
            .col_expr(connect_attempt::Column::UsedAt, Expr::value(now))
            .filter(connect_attempt::Column::Id.eq(attempt.id))
            .filter(connect_attempt::Column::UsedAt.is_null())
            .filter(connect_attempt::Column::ExpiresAt.gt(now))
            .exec_with_returning(self.database.connection())
            .await?;
        match redeemed.into_iter().next() {
            Some(row) => Ok(Redeemed::First(Box::new(row))),
            None => self.outcome(attempt).await.map(Redeemed::Before),
        }
    }

    /// Notes how an attempt ended.
    pub(super) async fn close_attempt(
        &self,
        attempt: &Model,
        outcome: &Result<AccountId, ConnectError>,
    ) -> Result<(), DbErr> {
        let error = outcome.as_ref().err().map(|error| error.code().to_owned());
        connect_attempt::Entity::update_of(attempt.tenant_id)
            .col_expr(
                connect_attempt::Column::ConnectedAccountId,
                Expr::value(outcome.as_ref().ok().copied()),
            )
            .col_expr(connect_attempt::Column::Error, Expr::value(error))
            .col_expr(
                connect_attempt::Column::UsedAt,
                Expr::value(attempt.used_at.unwrap_or(self.clock.now())),
            )
            .filter(connect_attempt::Column::Id.eq(attempt.id))
            .exec(self.database.connection())
            .await
            .map(drop)
    }

    /// Most people who give up never come back: Instagram shows its own error pages.
    async fn forget_old_attempts(&self, tenant: TenantId, now: Time) -> Result<(), DbErr> {
        connect_attempt::Entity::delete_of(tenant)
            .filter(connect_attempt::Column::ExpiresAt.lt(now - KEPT_FOR))
            .exec(self.database.connection())
            .await
            .map(drop)
    }

    async fn outcome(&self, attempt: &Model) -> Result<AccountId, ConnectError> {
        for _ in 0..WAITS {
            let row = connect_attempt::Entity::of(attempt.tenant_id)
                .filter(connect_attempt::Column::Id.eq(attempt.id))
                .one(self.database.connection())
                .await?
                .ok_or(ConnectError::StateUnknown)?;
            match (row.used_at, row.connected_account_id, row.error) {
                (None, ..) => return Err(ConnectError::StateExpired),
                (_, Some(account), _) => return Ok(account),
                (_, None, Some(_)) => return Err(ConnectError::StateUsed),
                (_, None, None) => tokio::time::sleep(WAIT).await,
            }
        }
        Err(ConnectError::StateUsed)
    }

    fn hash(&self, state: &str) -> String {
        blake3::keyed_hash(&self.state_key, state.as_bytes())
            .to_hex()
            .to_string()
    }
}
