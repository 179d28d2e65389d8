//! How a person's sessions end together.

use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, QueryFilter, sea_query::Expr};
use vitrine_entity::{SessionId, TenantOwned, Time, UserId, session};

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
    let mut ending = session::Entity::update_across_tenants()
        .col_expr(session::Column::RevokedAt, Expr::value(now))
        .filter(session::Column::UserId.eq(user))
        .filter(session::Column::RevokedAt.is_null());
    if let Some(kept) = but {
        ending = ending.filter(session::Column::Id.ne(kept));
    }
    let ended = ending.exec(connection).await?;
    Ok(ended.rows_affected)
}
