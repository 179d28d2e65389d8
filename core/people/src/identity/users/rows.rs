//! The rows of people: found, held and made.

use crate::identity::IdentityError;
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, QueryFilter, QuerySelect,
};
use std::collections::HashMap;
use vitrine_base::database::is_duplicate;
use vitrine_entity::{InstallationOwned, Time, UserId, user};

/// A person who is about to be made, with a password that was checked and hashed.
pub(crate) struct NewUser {
    /// The address, in the form that is stored.
    pub(in crate::identity) email: String,
    /// How the person is called.
    pub(in crate::identity) name: String,
    /// The hash of their password.
    pub(in crate::identity) password_hash: String,
}

/// A person.
///
/// # Errors
/// [`IdentityError::UserGone`].
pub(in crate::identity) async fn find_user(
    connection: &impl ConnectionTrait,
    id: UserId,
) -> Result<user::Model, IdentityError> {
    let row = user::Entity::row(id).one(connection).await?;
    row.ok_or(IdentityError::UserGone)
}

/// The person of an address in the form that is stored, if there is one.
///
/// # Errors
/// When the database fails.
pub(crate) async fn with_address(
    connection: &impl ConnectionTrait,
    email: &str,
) -> Result<Option<user::Model>, DbErr> {
    let person = user::Entity::rows().filter(user::Column::Email.eq(email));
    person.one(connection).await
}

/// People by their ids.
///
/// # Errors
/// When the database fails.
pub(crate) async fn users_by_id(
    connection: &impl ConnectionTrait,
    ids: impl IntoIterator<Item = UserId>,
) -> Result<HashMap<UserId, user::Model>, DbErr> {
    let people = user::Entity::rows().filter(user::Column::Id.is_in(ids));
    let people = people.all(connection).await?;
    Ok(people.into_iter().map(|person| (person.id, person)).collect())
}

/// A person, held until the transaction ends: of several at once who make links for one person each sees those of
/// the others. An embedded database has one writer anyway.
///
/// # Errors
/// When the database fails.
pub(in crate::identity) async fn lock_user(
    connection: &impl ConnectionTrait,
    id: UserId,
) -> Result<Option<user::Model>, DbErr> {
    user::Entity::row(id).lock_exclusive().one(connection).await
}

/// Makes a person, whose address is confirmed since `verified_at`, if it is.
///
/// # Errors
/// [`IdentityError::EmailTaken`] when the address was registered meanwhile.
pub(crate) async fn insert_user(
    connection: &impl ConnectionTrait,
    new: NewUser,
    verified_at: Option<Time>,
    now: Time,
) -> Result<user::Model, IdentityError> {
    let row = user::ActiveModel {
        id: Set(UserId::generate()),
        email: Set(new.email),
        password_hash: Set(new.password_hash),
        name: Set(new.name),
        email_verified_at: Set(verified_at),
        created_at: Set(now),
        updated_at: Set(now),
    };
    row.insert(connection).await.map_err(email_taken)
}

/// What it means when a person's row is refused.
pub(in crate::identity) fn email_taken(error: DbErr) -> IdentityError {
    match is_duplicate(&error) {
        true => IdentityError::EmailTaken,
        false => IdentityError::Database(error),
    }
}
