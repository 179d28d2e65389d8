//! By what a network is known to be a person's.

use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, QueryFilter};
use vitrine_entity::{InstallationOwned, TenantOwned, Time, UserId, mail_link, session};

/// Whether a person signed in from a network since then, or used a link in an email there.
///
/// # Errors
/// When the database fails.
pub(super) async fn was_used(
    connection: &impl ConnectionTrait,
    user: UserId,
    network: &str,
    since: Time,
) -> Result<bool, DbErr> {
    let session = session::Entity::across_tenants()
        .filter(session::Column::UserId.eq(user))
        .filter(session::Column::Network.eq(network))
        .filter(session::Column::LastUsedAt.gt(since))
        .one(connection)
        .await?;
    if session.is_some() {
        return Ok(true);
    }
    let link = mail_link::Entity::rows()
        .filter(mail_link::Column::UserId.eq(user))
        .filter(mail_link::Column::UsedFrom.eq(network))
        .filter(mail_link::Column::UsedAt.gt(since))
        .one(connection)
        .await?;
    Ok(link.is_some())
}
