//! How a person's sessions end together.

use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, sea_query::Expr};
use vitrine_entity::{SessionId, Time, UserId, session};

/// Ends sessions of a person, all but one; gives how many.
///
/// # Errors
/// When the database fails.
pub(in crate::identity) async fn end_sessions(
    connection: &impl ConnectionTrait,
    user: UserId,
    but: Option<SessionId>,
    now: Time,
) -> Result<u64, DbErr> {
    let mut ending = session::Entity::update_many()
        .col_expr(session::Column::RevokedAt, Expr::value(now))
        .filter(session::Column::UserId.eq(user))
        .filter(session::Column::RevokedAt.is_null());
    if let Some(kept) = but {
        ending = ending.filter(session::Column::Id.ne(kept));
    }
    let ended = ending.exec(connection).await?;
    Ok(ended.rows_affected)
}
