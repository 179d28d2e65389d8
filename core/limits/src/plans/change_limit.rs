//! How much is changed in a tenant in a day.
//!
//! Each change is an entry of the audit log, which is kept for long. So they are bounded, and counted for each person
//! and key alone: nobody uses up what others may change. All of a tenant together change ten times as much, so that
//! keys which are made to be thrown away give nobody more than that.

use super::{
    Limit, LimitReached,
    daily::{count_today, increment_below},
    tenant_plan::plan_of,
};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, QueryFilter, QueryOrder};
use uuid::Uuid;
use vitrine_entity::{TenantId, TenantOwned, Time, daily_use, daily_use::Column};

/// How many times what one may change all of a tenant together may.
const ALL_TOGETHER: u32 = 10;
/// What all of a tenant changed.
const BY_ALL: &str = "changes_of_all_per_day";

/// What a change is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Whatever else is changed.
    Ordinary,
    /// It replaces what may be known to others, or makes an account safer: twice as many are allowed.
    Protection,
}

impl Purpose {
    fn times(self) -> u32 {
        match self {
            Self::Ordinary => 1,
            Self::Protection => 2,
        }
    }
}

/// Whether a person or key may change something more today.
pub async fn may_change(
    connection: &impl ConnectionTrait,
    tenant: TenantId,
    actor: Uuid,
    purpose: Purpose,
    now: Time,
) -> Result<Result<(), LimitReached>, DbErr> {
    let limit = Limit::ChangesPerDay;
    let by_one = limit
        .of(&plan_of(connection, tenant).await?)
        .saturating_mul(purpose.times());
    let by_all = by_one.saturating_mul(ALL_TOGETHER);
    for (what, most) in [(name_of(actor).as_str(), by_one), (BY_ALL, by_all)] {
        if count_today(connection, tenant, what, now).await? >= u64::from(most) {
            return Ok(Err(LimitReached { limit, most }));
        }
    }
    Ok(Ok(()))
}

/// Counts a change that was made, for whoever made it and for all together.
pub async fn record_change(
    connection: &impl ConnectionTrait,
    tenant: TenantId,
    actor: Uuid,
    now: Time,
) -> Result<(), DbErr> {
    for what in [name_of(actor).as_str(), BY_ALL] {
        increment_below(connection, tenant, what, u32::MAX, now).await?;
    }
    Ok(())
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
