//! The places that people have in tenants.

use crate::identity::IdentityError;
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, QueryFilter, QueryOrder,
};
use vitrine_entity::{
    MembershipId, TenantId, TenantOwned, Time, UserId,
    membership::{self, Role},
};

/// A person's place in a tenant; none where they do not belong to it.
///
/// # Errors
/// When the database fails.
pub(in crate::identity) async fn membership_of(
    connection: &impl ConnectionTrait,
    tenant: TenantId,
    user: UserId,
) -> Result<Option<membership::Model>, DbErr> {
    let row = membership::Entity::of(tenant).filter(membership::Column::UserId.eq(user));
    row.one(connection).await
}

/// The places of a person, in the order in which they joined.
///
/// # Errors
/// When the database fails.
pub(in crate::identity) async fn memberships_of(
    connection: &impl ConnectionTrait,
    user: UserId,
) -> Result<Vec<membership::Model>, DbErr> {
    membership::Entity::across_tenants()
        .filter(membership::Column::UserId.eq(user))
        .order_by_asc(membership::Column::Id)
        .all(connection)
        .await
}

/// The tenant that a person joined first, of those that they belong to: its audit log covers somebody who is
/// logged in to none.
///
/// # Errors
/// When the database fails.
pub(in crate::identity) async fn first_tenant(
    connection: &impl ConnectionTrait,
    user: UserId,
) -> Result<Option<TenantId>, DbErr> {
    let first = membership::Entity::across_tenants()
        .filter(membership::Column::UserId.eq(user))
        .order_by_asc(membership::Column::Id)
        .one(connection)
        .await?;
    Ok(first.map(|row| row.tenant_id))
}

/// The place that a sign-in enters: the one in the wanted tenant, or the oldest.
///
/// # Errors
/// [`IdentityError::TenantGone`] when the person does not belong to the tenant that is wanted, and
/// [`IdentityError::InvalidCredentials`] when they belong to none.
pub(in crate::identity) async fn entered_membership(
    connection: &impl ConnectionTrait,
    user: UserId,
    wanted: Option<TenantId>,
) -> Result<membership::Model, IdentityError> {
    let mut rows = membership::Entity::across_tenants().filter(membership::Column::UserId.eq(user));
    if let Some(tenant) = wanted {
        rows = rows.filter(membership::Column::TenantId.eq(tenant));
    }
    let row = rows.order_by_asc(membership::Column::Id).one(connection).await?;
    let none = || match wanted {
        Some(_) => IdentityError::TenantGone,
        None => IdentityError::InvalidCredentials,
    };
    row.ok_or_else(none)
}

/// Makes a person a member.
///
/// # Errors
/// When the database refuses, also because the person is a member already.
pub(in crate::identity) async fn insert_membership(
    connection: &impl ConnectionTrait,
    tenant: TenantId,
    user: UserId,
    role: Role,
    now: Time,
) -> Result<membership::Model, DbErr> {
    let row = membership::ActiveModel {
        id: Set(MembershipId::generate()),
        tenant_id: Set(tenant),
        user_id: Set(user),
        role: Set(role),
        created_at: Set(now),
    };
    row.insert(connection).await
}
