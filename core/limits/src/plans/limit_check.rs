//! What a tenant has, against what it may have.

use super::{Limit, LimitReached, change_limit::most_by_one, daily::count_today, tenant_plan::plan_of};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, PaginatorTrait, QueryFilter, QuerySelect, sea_query::LockType,
};
use vitrine_entity::{
    InstallationOwned, TenantId, TenantOwned, Time, account, api_key, feed, membership, tenant,
};

/// Keeps others from changing how much the tenant has, or who belongs to it, until the transaction ends.
///
/// The lock lets rows be made that only refer to the tenant. SQLite has one writer and needs none.
pub async fn lock_tenant(connection: &impl ConnectionTrait, tenant: TenantId) -> Result<(), DbErr> {
    tenant::Entity::row(tenant)
        .lock(LockType::NoKeyUpdate)
        .one(connection)
        .await
        .map(drop)
}

/// Whether the tenant may have one more. Call it in the transaction that makes it; the tenant is locked from
/// then on.
pub async fn check_limit(
    connection: &impl ConnectionTrait,
    tenant: TenantId,
    limit: Limit,
    now: Time,
) -> Result<Result<(), LimitReached>, DbErr> {
    lock_tenant(connection, tenant).await?;
    let most = limit.of(&plan_of(connection, tenant).await?);
    let used = used(connection, tenant, limit, now).await?;
    Ok(match used < u64::from(most) {
        true => Ok(()),
        false => Err(LimitReached { limit, most }),
    })
}

/// How much the tenant has of what is limited.
pub(super) async fn used(
    connection: &impl ConnectionTrait,
    tenant: TenantId,
    limit: Limit,
    now: Time,
) -> Result<u64, DbErr> {
    match limit {
        Limit::Accounts => account::Entity::of(tenant).count(connection).await,
        Limit::Feeds => feed::Entity::of(tenant).count(connection).await,
        Limit::Members => membership::Entity::of(tenant).count(connection).await,
        Limit::ApiKeys => {
            let keys = api_key::Entity::of(tenant).filter(api_key::is_alive(now));
            keys.filter(api_key::Column::TenantId.eq(tenant))
                .count(connection)
                .await
        }
        Limit::SyncsPerDay | Limit::InvitationsPerDay | Limit::ConnectionsPerDay | Limit::ExportsPerDay => {
            count_today(connection, tenant, limit.as_str(), now).await
        }
        Limit::ChangesPerDay => most_by_one(connection, tenant, now).await,
    }
}
