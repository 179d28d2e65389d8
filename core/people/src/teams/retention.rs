//! Invitations that have ended.

use chrono::TimeDelta;
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, QueryFilter, QuerySelect, QueryTrait};
use vitrine_entity::{
    TenantOwned, Time,
    invitation::{Column, Entity},
};

/// How long an invitation is kept after its end.
const KEPT_FOR: TimeDelta = TimeDelta::days(90);

/// Forgets some invitations that ended long ago, of all tenants; gives how many.
pub async fn prune_invitations(
    connection: &impl ConnectionTrait,
    now: Time,
    most: u64,
) -> Result<u64, DbErr> {
    let old = Entity::across_tenants()
        .select_only()
        .column(Column::Id)
        .filter(Column::ExpiresAt.lt(now - KEPT_FOR))
        .limit(most)
        .into_query();
    let deleted = Entity::delete_across_tenants()
        .filter(Column::Id.in_subquery(old))
        .exec(connection)
        .await?;
    Ok(deleted.rows_affected)
}
