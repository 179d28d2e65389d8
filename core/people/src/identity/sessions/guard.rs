//! Whether somebody who asked for something that lasts is still who they were when it is done.

use crate::identity::{
    IdentityError, Person,
    users::{memberships::membership_of, rows::lock_user},
};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, QueryFilter};
use vitrine_entity::{SessionId, TenantOwned, Time, UserId, membership, session, user};

/// Somebody may not do any more what they began.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AccessLost {
    /// Their sign-in has ended.
    #[error("the session has ended in the meantime")]
    SignedOut,
    /// They may less in the tenant than when they asked.
    #[error("Your role in the tenant was lowered in the meantime.")]
    RoleLowered,
}

/// A person and a sign-in of theirs that is open, held until the transaction ends; nothing once it has ended.
///
/// # Errors
/// When the database fails.
async fn lock_if_open(
    connection: &impl ConnectionTrait,
    user: UserId,
    session: SessionId,
    now: Time,
) -> Result<Option<(user::Model, session::Model)>, DbErr> {
    let Some(user) = lock_user(connection, user).await? else {
        return Ok(None);
    };
    let open = session::Entity::across_tenants()
        .filter(session::Column::Id.eq(session))
        .filter(session::Column::UserId.eq(user.id))
        .filter(session::Column::RevokedAt.is_null())
        .filter(session::Column::ExpiresAt.gt(now));
    Ok(open.one(connection).await?.map(|session| (user, session)))
}

/// The person as they are now, held until the transaction ends, if their sign-in is still open.
///
/// # Errors
/// [`IdentityError::SessionRevoked`].
pub(in crate::identity) async fn still_open(
    connection: &impl ConnectionTrait,
    user: UserId,
    session: SessionId,
    now: Time,
) -> Result<user::Model, IdentityError> {
    let open = lock_if_open(connection, user, session, now).await?;
    let (current, _) = open.ok_or(IdentityError::SessionRevoked)?;
    Ok(current)
}

/// The same, if their password is still the same, too.
///
/// # Errors
/// [`IdentityError::SessionRevoked`], [`IdentityError::WrongPassword`].
pub(in crate::identity) async fn still_signed_in(
    connection: &impl ConnectionTrait,
    user: &user::Model,
    session: SessionId,
    now: Time,
) -> Result<user::Model, IdentityError> {
    let current = still_open(connection, user.id, session, now).await?;
    match current.password_hash == user.password_hash {
        true => Ok(current),
        false => Err(IdentityError::WrongPassword),
    }
}

/// The place of a person whose sign-in is still open and whose role is no lower; they are held until the transaction
/// ends.
///
/// Callers are looked up when a request begins. What outlives a sign-in (a key, an invitation, a connection) asks once
/// more when it is made, so that whoever is put out at that moment leaves nothing behind. The tenant, where it is
/// locked too, is locked before.
///
/// # Errors
/// When the database fails.
pub async fn ensure_access(
    connection: &impl ConnectionTrait,
    person: &Person,
    now: Time,
) -> Result<Result<membership::Model, AccessLost>, DbErr> {
    let open = lock_if_open(connection, person.user, person.session, now).await?;
    // A sign-in may have been moved to another tenant.
    if open.is_none_or(|(_, session)| session.tenant_id != person.tenant) {
        return Ok(Err(AccessLost::SignedOut));
    }
    Ok(
        match membership_of(connection, person.tenant, person.user).await? {
            None => Err(AccessLost::SignedOut),
            Some(member) if member.role < person.role => Err(AccessLost::RoleLowered),
            Some(member) => Ok(member),
        },
    )
}
