//! The same request twice is done once.
//!
//! A caller names a request by a key of its own. Whoever comes first with the key runs the request and leaves
//! the answer; who comes later with the same request is given that answer.

mod digest;
mod stored_response;
#[cfg(test)]
mod tests;

use digest::RequestKey;
pub use digest::{CallerKey, RequestDigest};
pub use stored_response::StoredResponse;

use sea_orm::{
    ActiveValue::Set, ColumnTrait, DbErr, EntityTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect,
    QueryTrait, sea_query::Expr,
};
use std::time::Duration;
use vitrine_base::{
    clock::{SharedClock, later},
    database::{Database, SafeTime, is_duplicate},
    security::{KeyRing, Purpose, Vault, VaultError},
};
use vitrine_entity::{TenantId, TenantOwned, Time, idempotency};

/// How long an answer is kept.
const KEPT: Duration = Duration::from_hours(24);
/// A request whose process died is run again by whoever asks after this time.
const LONGEST_RUN: Duration = Duration::from_mins(2);

/// What a key stands for.
#[derive(Debug)]
pub enum KeyState {
    /// Nobody used it: run the request, then [`Idempotency::keep`] the answer or [`Idempotency::forget`] the key.
    First(Reservation),
    /// The request was answered before.
    Answered(StoredResponse),
    /// The request is being run.
    Running,
    /// The key named another request.
    Reused,
}

/// The right to run a request.
#[derive(Clone, Debug)]
pub struct Reservation {
    tenant: TenantId,
    key: String,
    since: Time,
}

/// Why a key could not be looked at.
#[derive(Debug, thiserror::Error)]
pub enum IdempotencyError {
    /// The database failed.
    #[error("the database failed")]
    Database(#[from] DbErr),
    /// A first answer could not be sealed or opened.
    #[error("a stored response cannot be sealed or opened")]
    Sealing(#[from] VaultError),
    /// A first answer could not be written or read as JSON.
    #[error("a stored response cannot be written or read")]
    Unreadable(#[from] serde_json::Error),
}

/// Keeps first answers for a day, sealed: an answer may hold a new API key.
pub struct Idempotency {
    database: Database,
    safe_time: SafeTime,
    clock: SharedClock,
    vault: Vault,
    request_key: RequestKey,
}

impl Idempotency {
    /// The service over its parts.
    #[must_use]
    pub fn new(database: Database, clock: SharedClock, ring: &KeyRing) -> Self {
        Self {
            safe_time: SafeTime::new(database.clone(), clock.clone()),
            database,
            clock,
            vault: Vault::new(ring),
            request_key: RequestKey::new(ring),
        }
    }

    /// The digest of a request, of these parts in this order.
    #[must_use]
    pub fn digest(&self, parts: &[&[u8]]) -> RequestDigest {
        RequestDigest::of(&self.request_key, parts)
    }

    /// Takes the key for a request, or says what became of it. Of several at once one is first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn begin(
        &self,
        tenant: TenantId,
        key: &CallerKey,
        request: &RequestDigest,
    ) -> Result<KeyState, IdempotencyError> {
        let now = self.clock.now();
        self.clear(tenant, key, now).await?;
        match self.reserve(tenant, key, request, now).await {
            Ok(reservation) => Ok(KeyState::First(reservation)),
            Err(error) if is_duplicate(&error) => self.key_state(tenant, key, request).await,
            Err(error) => Err(error.into()),
        }
    }

    /// Leaves the answer for those who ask again.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn keep(
        &self,
        reservation: &Reservation,
        answer: &StoredResponse,
    ) -> Result<(), IdempotencyError> {
        use idempotency::Column;
        let text = serde_json::to_vec(answer)?;
        let sealed = self
            .vault
            .seal(Purpose::StoredResponse, reservation.tenant.0, &text)?;
        self.held(reservation)
            .col_expr(Column::Status, Expr::value(Some(i32::from(answer.status))))
            .col_expr(Column::KeyId, Expr::value(Some(sealed.key_id)))
            .col_expr(Column::Body, Expr::value(Some(sealed.ciphertext)))
            .exec(self.database.connection())
            .await?;
        Ok(())
    }

    /// Frees the key, because the request changed nothing.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn forget(&self, reservation: &Reservation) -> Result<(), IdempotencyError> {
        use idempotency::Column;
        idempotency::Entity::delete_of(reservation.tenant)
            .filter(Column::Key.eq(&reservation.key))
            .filter(Column::CreatedAt.eq(reservation.since))
            .exec(self.database.connection())
            .await?;
        Ok(())
    }

    /// Deletes at most `most` keys of all tenants whose day is over; gives how many.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn prune(&self, most: u64) -> Result<u64, DbErr> {
        use idempotency::{Column, Entity};
        let over = Entity::across_tenants()
            .select_only()
            .columns([Column::TenantId, Column::Key])
            .filter(Column::ExpiresAt.lt(self.safe_time.now().await?))
            .order_by_asc(Column::ExpiresAt)
            .limit(most)
            .into_query();
        let both = Expr::tuple([Expr::col(Column::TenantId), Expr::col(Column::Key)]);
        let deleted = Entity::delete_across_tenants()
            .filter(both.in_subquery(over))
            .exec(self.database.connection())
            .await?;
        Ok(deleted.rows_affected)
    }

    /// Drops the key where its day is over, or where its run has ended without an answer.
    async fn clear(&self, tenant: TenantId, key: &CallerKey, now: Time) -> Result<(), DbErr> {
        use idempotency::Column;
        let lost = Column::Status
            .is_null()
            .and(Column::CreatedAt.lt(now - chrono::TimeDelta::from_std(LONGEST_RUN).unwrap_or_default()));
        idempotency::Entity::delete_of(tenant)
            .filter(Column::Key.eq(key.as_str()))
            .filter(Column::ExpiresAt.lte(now).or(lost))
            .exec(self.database.connection())
            .await?;
        Ok(())
    }

    async fn reserve(
        &self,
        tenant: TenantId,
        key: &CallerKey,
        request: &RequestDigest,
        now: Time,
    ) -> Result<Reservation, DbErr> {
        let row = idempotency::ActiveModel {
            tenant_id: Set(tenant),
            key: Set(key.as_str().to_owned()),
            request_digest: Set(request.as_str().to_owned()),
            status: Set(None),
            key_id: Set(None),
            body: Set(None),
            created_at: Set(now),
            expires_at: Set(later(now, KEPT)),
        };
        idempotency::Entity::insert(row)
            .exec_without_returning(self.database.connection())
            .await?;
        Ok(Reservation {
            tenant,
            key: key.as_str().to_owned(),
            since: now,
        })
    }

    async fn key_state(
        &self,
        tenant: TenantId,
        key: &CallerKey,
        request: &RequestDigest,
    ) -> Result<KeyState, IdempotencyError> {
        let row = idempotency::Entity::of(tenant)
            .filter(idempotency::Column::Key.eq(key.as_str()))
            .one(self.database.connection())
            .await?;
        Ok(match row {
            Some(row) if row.request_digest != request.as_str() => KeyState::Reused,
            Some(idempotency::Model {
                key_id: Some(key),
                body: Some(sealed),
                ..
            }) => KeyState::Answered(self.open(tenant, &key, &sealed)?),
            Some(_) | None => KeyState::Running,
        })
    }

    fn held(&self, reservation: &Reservation) -> sea_orm::UpdateMany<idempotency::Entity> {
        idempotency::Entity::update_of(reservation.tenant)
            .filter(idempotency::Column::Key.eq(&reservation.key))
            .filter(idempotency::Column::CreatedAt.eq(reservation.since))
    }

    fn open(&self, tenant: TenantId, key: &str, sealed: &[u8]) -> Result<StoredResponse, IdempotencyError> {
        let text = self.vault.open(Purpose::StoredResponse, tenant.0, key, sealed)?;
        Ok(serde_json::from_slice(&text)?)
    }
}
