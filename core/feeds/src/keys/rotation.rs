//! One key takes the place of another.

use super::{
    ApiKeys, CreatedKey, KeyError, KeyText, LONGEST_LIFE, NewApiKey, retention::delete_oldest_ended,
};
use sea_orm::{ActiveModelTrait, ColumnTrait, ConnectionTrait, DbErr, QueryFilter, sea_query::Expr};
use std::time::Duration;
use vitrine_base::{clock::later, validation::Check};
use vitrine_entity::{
    ApiKeyId, TenantId, TenantOwned, Time,
    api_key::{self, Column, is_alive},
};
use vitrine_limits::plans::{self, Limit};
use vitrine_people::identity::{Person, ensure_access};

/// The old key works on for a week at most: enough to change every program that holds it.
pub const LONGEST_OVERLAP: Duration = Duration::from_hours(7 * 24);

impl ApiKeys {
    /// Makes a key with the name, kind, scopes and origins of another, and lets that one end after
    /// `overlap`, or when it would have ended anyway. A key that was made to end gets a successor that
    /// lives as long from now on. Of several at the same time one succeeds. While both open something both count for
    /// the plan; without an overlap one takes the other's place, so a key that leaked is replaced at any limit.
    ///
    /// # Errors
    /// [`KeyError::NotFound`]; [`KeyError::Ended`] for a key that was revoked or has expired;
    /// [`KeyError::AlreadyRotated`]; [`KeyError::Invalid`] for an overlap that is too long; [`KeyError::PlanLimit`]
    /// when the plan has no room for both; [`KeyError::AccessLost`].
    pub async fn rotate(
        &self,
        tenant: TenantId,
        by: &Person,
        id: ApiKeyId,
        overlap: Duration,
    ) -> Result<CreatedKey, KeyError> {
        check_overlap(overlap)?;
        let now = self.clock.now();
        let transaction = self.database.begin_write().await?;
        let check_limit = plans::check_limit(&transaction, tenant, Limit::ApiKeys, now).await?;
        ensure_access(&transaction, by, now).await??;
        let old = find(&transaction, tenant, id).await?;
        let key = KeyText::generate(old.kind);
        let new = self.row(successor(&old, now), tenant, Some(by.user), &key, now);
        let new = new.insert(&transaction).await?;
        if !replace(&transaction, &old, new.id, now, overlap).await? {
            let old = find(&transaction, tenant, id).await?;
            return Err(why_not(&old));
        }
        if !overlap.is_zero() {
            check_limit?;
        }
        delete_oldest_ended(&transaction, tenant, now).await?;
        transaction.commit().await?;
        self.announce_end(&old).await;
        Ok(CreatedKey {
            row: new,
            key: key.into_secret(),
        })
    }
}

fn check_overlap(overlap: Duration) -> Result<(), KeyError> {
    let mut check = Check::default();
    if overlap > LONGEST_OVERLAP {
        let most = LONGEST_OVERLAP.as_secs();
        check.refuse("overlap_seconds", "too_long", format!("must be at most {most}"));
    }
    check.finish().map_err(KeyError::Invalid)
}

pub(super) async fn find(
    connection: &impl ConnectionTrait,
    tenant: TenantId,
    id: ApiKeyId,
) -> Result<api_key::Model, KeyError> {
    let row = api_key::Entity::of(tenant).filter(Column::Id.eq(id));
    row.one(connection).await?.ok_or(KeyError::NotFound)
}

fn successor(old: &api_key::Model, now: Time) -> NewApiKey {
    NewApiKey {
        name: old.name.clone(),
        kind: old.kind,
        scopes: old
            .scopes
            .0
            .iter()
            .filter_map(|scope| scope.parse().ok())
            .collect(),
        allowed_origins: old.allowed_origins.0.clone(),
        expires_at: old.expires_at.map(|end| {
            let life = (end - old.created_at).to_std().unwrap_or_default();
            later(now, life.min(LONGEST_LIFE))
        }),
    }
}

/// Ends the old key, if it opens something and nothing took its place: false when another was faster.
async fn replace(
    connection: &impl ConnectionTrait,
    old: &api_key::Model,
    by: ApiKeyId,
    now: Time,
    overlap: Duration,
) -> Result<bool, DbErr> {
    let end = later(now, overlap);
    let end = old.expires_at.map_or(end, |sooner| sooner.min(end));
    let replaced = api_key::Entity::update_of(old.tenant_id)
        .col_expr(Column::RotatedAt, Expr::value(now))
        .col_expr(Column::ReplacedBy, Expr::value(by))
        .col_expr(Column::ExpiresAt, Expr::value(end))
        .filter(Column::Id.eq(old.id))
        .filter(Column::RotatedAt.is_null())
        .filter(is_alive(now))
        .exec(connection)
        .await?;
    Ok(replaced.rows_affected == 1)
}

fn why_not(old: &api_key::Model) -> KeyError {
    match old.rotated_at {
        Some(_) if old.revoked_at.is_none() => KeyError::AlreadyRotated,
        _ => KeyError::Ended,
    }
}
