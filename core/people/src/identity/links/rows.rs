//! The rows of links that a person was sent.

use crate::identity::client_info::KNOWN_FOR;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, PaginatorTrait, QueryFilter, QuerySelect, QueryTrait,
    sea_query::Expr,
};
use vitrine_entity::{
    InstallationOwned, Time, UserId,
    mail_link::{self, LinkPurpose},
};

/// Forgets links that died longer ago than anybody wants to know, some of them; gives how many. A used one makes the
/// network known that it was used from, for as long as sign-ins do.
///
/// # Errors
/// When the database fails.
pub async fn prune_email_links(
    connection: &impl ConnectionTrait,
    now: Time,
    most: u64,
) -> Result<u64, DbErr> {
    let old = mail_link::Entity::rows()
        .select_only()
        .column(mail_link::Column::Id)
        .filter(mail_link::Column::ExpiresAt.lt(now - KNOWN_FOR))
        .limit(most)
        .into_query();
    let deleted = mail_link::Entity::delete_rows()
        .filter(mail_link::Column::Id.in_subquery(old))
        .exec(connection)
        .await?;
    Ok(deleted.rows_affected)
}

/// How many links of a purpose a person was sent since then; those that were replaced count.
pub(in crate::identity) async fn links_since(
    connection: &impl ConnectionTrait,
    purpose: LinkPurpose,
    user: UserId,
    since: Time,
) -> Result<u64, DbErr> {
    mail_link::Entity::rows()
        .filter(mail_link::Column::UserId.eq(user))
        .filter(mail_link::Column::Purpose.eq(purpose))
        .filter(mail_link::Column::CreatedAt.gt(since))
        .count(connection)
        .await
}

/// Ends unused links of a purpose: they expire now.
pub(in crate::identity) async fn drop_links(
    connection: &impl ConnectionTrait,
    purpose: LinkPurpose,
    user: UserId,
) -> Result<(), DbErr> {
    mail_link::Entity::update_rows()
        .col_expr(
            mail_link::Column::ExpiresAt,
            Expr::col(mail_link::Column::CreatedAt),
        )
        .filter(mail_link::Column::UserId.eq(user))
        .filter(mail_link::Column::Purpose.eq(purpose))
        .filter(mail_link::Column::UsedAt.is_null())
        .exec(connection)
        .await
        .map(|_| ())
}
