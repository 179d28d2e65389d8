//! People who belong to nothing any more.
//!
//! Whoever is a member of no tenant can do nothing here, and their address could not be registered again. So their
//! account ends with their last membership; invited again they come as somebody new.

use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, QueryFilter, QueryOrder, QuerySelect, QueryTrait};
use vitrine_entity::{InstallationOwned, TenantOwned, UserId, membership, outbox, user};

/// Holds people until the transaction ends, so that whoever joins another tenant at this moment has joined it before
/// they are looked at, and of two tenants that they leave at once the second sees that the first is left.
///
/// Whoever holds a tenant too holds it first.
///
/// # Errors
/// When the database fails.
pub async fn lock_users(connection: &impl ConnectionTrait, people: &[UserId]) -> Result<(), DbErr> {
    user::Entity::rows()
        .select_only()
        .column(user::Column::Id)
        .filter(user::Column::Id.is_in(people.iter().copied()))
        .order_by_asc(user::Column::Id)
        .lock_exclusive()
        .into_tuple::<UserId>()
        .all(connection)
        .await
        .map(drop)
}

/// Deletes those of `people`, who are held, that are members of nothing any more, with their sign-ins, second factors
/// and emails.
///
/// # Errors
/// When the database fails.
pub async fn delete_orphaned_users(
    connection: &impl ConnectionTrait,
    people: &[UserId],
) -> Result<(), DbErr> {
    let members = membership::Entity::across_tenants()
        .select_only()
        .column(membership::Column::UserId)
        .filter(membership::Column::UserId.is_in(people.iter().copied()))
        .into_query();
    // Emails do not refer to people by the tables: files are kept by them.
    outbox::Entity::delete_rows()
        .filter(outbox::Column::UserId.is_in(people.iter().copied()))
        .filter(outbox::Column::UserId.not_in_subquery(members.clone()))
        .exec(connection)
        .await?;
    user::Entity::delete_rows()
        .filter(user::Column::Id.is_in(people.iter().copied()))
        .filter(user::Column::Id.not_in_subquery(members))
        .exec(connection)
        .await
        .map(drop)
}
