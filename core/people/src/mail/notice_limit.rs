//! How often somebody is notified.

use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, PaginatorTrait, QueryFilter};
use std::time::Duration;
use vitrine_entity::{InstallationOwned, Time, outbox, user};

const HOUR: Duration = Duration::from_hours(1);
/// Emails in an hour to somebody who reads them.
const MOST: u64 = 20;
/// Emails in an hour to an address that nobody has confirmed: it may be a stranger's.
const MOST_UNCONFIRMED: u64 = 5;

/// Whether a person is notified of one more thing that happened: nobody fills a mailbox by doing something again and
/// again. What is left out stands in the process's log.
///
/// # Errors
/// When the database fails.
pub(crate) async fn may_be_notified(
    connection: &impl ConnectionTrait,
    person: &user::Model,
    now: Time,
) -> Result<bool, DbErr> {
    let most = match person.email_verified_at {
        Some(_) => MOST,
        None => MOST_UNCONFIRMED,
    };
    let sent = outbox::Entity::rows()
        .filter(outbox::Column::UserId.eq(person.id))
        .filter(outbox::Column::CreatedAt.gt(now - HOUR))
        .count(connection)
        .await?;
    if sent >= most {
        tracing::info!(user.id = %person.id, "a notification was left out: too many emails to this person in the last hour");
    }
    Ok(sent < most)
}
