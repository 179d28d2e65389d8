//! How much one person or key of a tenant changes in a day.
//!
//! Each change is an entry of the audit log, which is kept for long. So they are bounded, and counted for each actor
//! alone: nobody uses up what others may change.

use super::{
    Limit, LimitReached,
    counting::plan_of,
    daily::{add_below, done_on},
};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, QueryFilter, QueryOrder};
use uuid::Uuid;
use vitrine_entity::{TenantId, TenantOwned, Time, daily_use, daily_use::Column};

/// Whether a person or key may change something more today.
pub(crate) async fn may_change(
    connection: &impl ConnectionTrait,
    tenant: TenantId,
    actor: Uuid,
    now: Time,
) -> Result<Result<(), LimitReached>, DbErr> {
    let limit = Limit::ChangesPerDay;
    let most = limit.of(&plan_of(connection, tenant).await?);
    let done = done_on(connection, tenant, &name_of(actor), now).await?;
    Ok(match done < u64::from(most) {
        true => Ok(()),
        false => Err(LimitReached { limit, most }),
    })
}

/// Counts a change that was made.
pub(crate) async fn note_change(
    connection: &impl ConnectionTrait,
    tenant: TenantId,
    actor: Uuid,
    now: Time,
) -> Result<(), DbErr> {
    let added = add_below(connection, tenant, &name_of(actor), u32::MAX, now).await;
    added.map(drop)
}

/// How much whoever changed the most today has changed.
pub(super) async fn most_by_one(
    connection: &impl ConnectionTrait,
    tenant: TenantId,
    now: Time,
) -> Result<u64, DbErr> {
    let row = daily_use::Entity::of(tenant)
        .filter(Column::Day.eq(now.date_naive()))
        .filter(Column::What.starts_with(prefix()))
        .order_by_desc(Column::Count)
        .one(connection)
        .await?;
    Ok(row.map_or(0, |row| u64::try_from(row.count).unwrap_or(0)))
}

fn prefix() -> String {
    format!("{}:", Limit::ChangesPerDay.as_str())
}

fn name_of(actor: Uuid) -> String {
    format!("{}{actor}", prefix())
}
