//! The rows of second factors.

use crate::identity::IdentityError;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, ExprTrait, QueryFilter,
    sea_query::{Expr, OnConflict},
};
use vitrine_entity::{InstallationOwned, Time, UserId, second_factor};

/// A person's second factor, also one that is not confirmed yet.
///
/// # Errors
/// When the database fails.
pub(super) async fn factor_of(
    connection: &impl ConnectionTrait,
    user: UserId,
) -> Result<Option<second_factor::Model>, DbErr> {
    second_factor::Entity::row(user).one(connection).await
}

/// Since when the person's sign-in needs a code, in a transaction that holds them; none while it does not.
///
/// # Errors
/// When the database fails.
pub(in crate::identity) async fn needed_since(
    connection: &impl ConnectionTrait,
    user: UserId,
) -> Result<Option<Time>, DbErr> {
    let factor = factor_of(connection, user).await?;
    Ok(factor.and_then(|factor| factor.confirmed_at))
}

/// Writes a new secret down, in the place of one that was not confirmed.
///
/// # Errors
/// [`IdentityError::SecondFactorOn`].
pub(super) async fn put_unless_confirmed(
    connection: &impl ConnectionTrait,
    row: second_factor::ActiveModel,
) -> Result<(), IdentityError> {
    let replaced = [
        second_factor::Column::Secret,
        second_factor::Column::KeyId,
        second_factor::Column::CreatedAt,
        second_factor::Column::LastStep,
    ];
    let mut unless_confirmed = OnConflict::column(second_factor::Column::UserId);
    unless_confirmed
        .update_columns(replaced)
        .action_and_where(Expr::col((second_factor::Entity, second_factor::Column::ConfirmedAt)).is_null());
    let written = second_factor::Entity::insert(row)
        .on_conflict(unless_confirmed)
        .exec_without_returning(connection)
        .await?;
    match written {
        0 => Err(IdentityError::SecondFactorOn),
        _ => Ok(()),
    }
}

/// Makes a begun second factor count, unless it does already or another secret was made meanwhile.
///
/// # Errors
/// [`IdentityError::SecondFactorOn`].
pub(super) async fn confirm(
    connection: &impl ConnectionTrait,
    factor: second_factor::Model,
    step: i64,
    now: Time,
) -> Result<(), IdentityError> {
    let enabled = second_factor::Entity::update_rows()
        .col_expr(second_factor::Column::ConfirmedAt, Expr::value(now))
        .col_expr(second_factor::Column::LastStep, Expr::value(step))
        .filter(second_factor::Column::UserId.eq(factor.user_id))
        .filter(second_factor::Column::Secret.eq(factor.secret))
        .filter(second_factor::Column::ConfirmedAt.is_null())
        .exec(connection)
        .await?;
    match enabled.rows_affected {
        1 => Ok(()),
        _ => Err(IdentityError::SecondFactorOn),
    }
}

/// Marks the time step of a code as used: of two who show the same code, or an older one than was used, one is too
/// late.
///
/// # Errors
/// [`IdentityError::InvalidCode`].
pub(super) async fn spend_step(
    connection: &impl ConnectionTrait,
    user: UserId,
    step: i64,
) -> Result<(), IdentityError> {
    let used = second_factor::Entity::update_rows()
        .col_expr(second_factor::Column::LastStep, Expr::value(step))
        .filter(second_factor::Column::UserId.eq(user))
        .filter(second_factor::Column::LastStep.lt(step))
        .exec(connection)
        .await?;
    match used.rows_affected {
        1 => Ok(()),
        _ => Err(IdentityError::InvalidCode),
    }
}
