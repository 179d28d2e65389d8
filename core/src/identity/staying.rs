//! Whether somebody who asked for something that lasts is still who they were when it is done.

use super::{Person, links::locked};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, QueryFilter};
use vitrine_entity::{TenantOwned, Time, membership, session};

/// Somebody may not do any more what they began.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Gone {
    /// Their sign-in has ended.
    #[error("the sign-in has ended meanwhile")]
    SignedOut,
    /// They may less in the tenant than when they asked.
    #[error("the role became lower meanwhile")]
    RoleLowered,
}

/// Whether a person's sign-in is still open and their role no lower; they are held until the transaction ends.
///
/// Callers are looked up when a request begins. What outlives a sign-in (a key, an invitation, a connection) asks once
/// more when it is made, so that whoever is put out at that moment leaves nothing behind. The tenant, where it is
/// locked too, is locked before.
///
/// # Errors
/// When the database fails.
pub(crate) async fn still_here(
    connection: &impl ConnectionTrait,
    person: &Person,
    now: Time,
) -> Result<Result<(), Gone>, DbErr> {
    if locked(connection, person.user).await?.is_none() {
        return Ok(Err(Gone::SignedOut));
    }
    let open = session::Entity::of(person.tenant)
        .filter(session::Column::Id.eq(person.session))
        .filter(session::Column::UserId.eq(person.user))
        .filter(session::Column::RevokedAt.is_null())
        .filter(session::Column::ExpiresAt.gt(now));
    if open.one(connection).await?.is_none() {
        return Ok(Err(Gone::SignedOut));
    }
    let member = membership::Entity::of(person.tenant).filter(membership::Column::UserId.eq(person.user));
    Ok(match member.one(connection).await? {
        None => Err(Gone::SignedOut),
        Some(member) if member.role < person.role => Err(Gone::RoleLowered),
        Some(_) => Ok(()),
    })
}
