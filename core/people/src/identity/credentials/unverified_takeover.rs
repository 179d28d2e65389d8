//! What somebody made under an address before it was proved to be theirs.
//!
//! Anybody can register with anybody's address. Whoever reads its mail and chooses a new password by it takes the
//! account over, perhaps from a stranger who prepared it. So nothing by which the stranger could stay outlives that:
//! sign-ins, a second factor, a waiting other address, connections that were begun, and the API keys of tenants that
//! nobody else belongs to. Others cannot belong to them, because nobody invites before the address is confirmed.

use crate::identity::{second_factor::recovery_codes::drop_codes, users::memberships::memberships_of};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, PaginatorTrait, QueryFilter, sea_query::Expr};
use vitrine_entity::{
    InstallationOwned, TenantId, TenantOwned, Time, UserId, api_key, connect_attempt, invitation, membership,
    second_factor,
};

/// Drops all of it, in the transaction that proves the address; gives the keys that have ended by it.
///
/// # Errors
/// When the database fails.
pub(super) async fn revoke_unverified(
    connection: &impl ConnectionTrait,
    user: UserId,
    now: Time,
) -> Result<Vec<api_key::Model>, DbErr> {
    second_factor::Entity::delete_row(user).exec(connection).await?;
    drop_codes(connection, user).await?;
    let mut ended = Vec::new();
    for membership in memberships_of(connection, user).await? {
        let tenant = membership.tenant_id;
        withdraw(connection, tenant, user, now).await?;
        if members(connection, tenant).await? == 1 {
            ended.extend(end_keys(connection, tenant, now).await?);
        }
    }
    Ok(ended)
}

async fn members(connection: &impl ConnectionTrait, tenant: TenantId) -> Result<u64, DbErr> {
    membership::Entity::of(tenant).count(connection).await
}

/// What the person has begun and not finished in a tenant.
async fn withdraw(
    connection: &impl ConnectionTrait,
    tenant: TenantId,
    user: UserId,
    now: Time,
) -> Result<(), DbErr> {
    connect_attempt::Entity::delete_of(tenant)
        .filter(connect_attempt::Column::UserId.eq(user))
        .filter(connect_attempt::Column::UsedAt.is_null())
        .exec(connection)
        .await?;
    invitation::Entity::update_of(tenant)
        .col_expr(invitation::Column::EndedAt, Expr::value(now))
        .filter(invitation::Column::InvitedBy.eq(user))
        .filter(invitation::Column::EndedAt.is_null())
        .exec(connection)
        .await?;
    Ok(())
}

async fn end_keys(
    connection: &impl ConnectionTrait,
    tenant: TenantId,
    now: Time,
) -> Result<Vec<api_key::Model>, DbErr> {
    api_key::Entity::update_of(tenant)
        .col_expr(api_key::Column::RevokedAt, Expr::value(now))
        .filter(api_key::Column::RevokedAt.is_null())
        .exec_with_returning(connection)
        .await
}
