//! What is limited in a day.

use super::{Limit, LimitReached, tenant_plan::plan_of};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, ExprTrait, QueryFilter,
    sea_query::{Expr, OnConflict},
};
use vitrine_entity::{TenantId, TenantOwned, Time, daily_use, daily_use::Column};

/// Takes one from what a tenant may do in the day (in UTC), if one is left. Give it back by ending the
/// transaction without a commit.
pub async fn consume_daily(
    connection: &impl ConnectionTrait,
    tenant: TenantId,
    limit: Limit,
    now: Time,
) -> Result<Result<(), LimitReached>, DbErr> {
    let most = limit.of(&plan_of(connection, tenant).await?);
    let taken = most > 0 && increment_below(connection, tenant, limit.as_str(), most, now).await?;
    Ok(match taken {
        true => Ok(()),
        false => Err(LimitReached { limit, most }),
    })
}

/// Adds one where fewer than `most` were done: of several at the same time each sees what the others did.
pub(super) async fn increment_below(
    connection: &impl ConnectionTrait,
    tenant: TenantId,
    what: &str,
    most: u32,
    now: Time,
) -> Result<bool, DbErr> {
    let day = now.date_naive();
    let row = daily_use::ActiveModel {
        tenant_id: Set(tenant),
        day: Set(day),
        what: Set(what.to_owned()),
        count: Set(1),
    };
    let count = || Expr::col((daily_use::Entity, Column::Count));
    let conflict = OnConflict::columns([Column::TenantId, Column::Day, Column::What])
        .value(Column::Count, count().add(1))
        .action_and_where(count().lt(i32::try_from(most).unwrap_or(i32::MAX)))
        .to_owned();
    let added = daily_use::Entity::insert(row)
        .on_conflict(conflict)
        .exec_without_returning(connection)
        .await;
    forget_before(connection, tenant, day).await?;
    match added {
        Ok(rows) => Ok(rows > 0),
        Err(DbErr::RecordNotInserted) => Ok(false),
        Err(error) => Err(error),
    }
}

/// Only today's count is looked at.
async fn forget_before(
    connection: &impl ConnectionTrait,
    tenant: TenantId,
    day: chrono::NaiveDate,
) -> Result<(), DbErr> {
    daily_use::Entity::delete_of(tenant)
        .filter(Column::Day.lt(day))
        .exec(connection)
        .await
        .map(drop)
}

/// How often it was done today.
pub(super) async fn count_today(
    connection: &impl ConnectionTrait,
    tenant: TenantId,
    what: &str,
    now: Time,
) -> Result<u64, DbErr> {
    let row = daily_use::Entity::of(tenant)
        .filter(Column::Day.eq(now.date_naive()))
        .filter(Column::What.eq(what))
        .one(connection)
        .await?;
    Ok(row.map_or(0, |row| u64::try_from(row.count).unwrap_or(0)))
}
