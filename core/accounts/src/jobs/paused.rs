//! Whether the schedule is paused. Pauses are kept in the database, since Redis may be emptied at any time.

use sea_orm::{ConnectionTrait, DbErr};
use vitrine_entity::{
    InstallationOwned, TenantId, Time,
    installation::{self, SCHEDULE_PAUSED_AT},
    tenant,
};

/// Since when everything is paused.
pub(crate) async fn everything_paused_since(
    connection: &impl ConnectionTrait,
) -> Result<Option<Time>, DbErr> {
    let row = installation::Entity::row(SCHEDULE_PAUSED_AT)
        .one(connection)
        .await?;
    // Whatever the row says, that it is there is what counts.
    Ok(row.map(|row| row.value.parse().unwrap_or_default()))
}

/// Whether this tenant's schedule is paused, or everybody's: nothing is started by hand then.
pub(crate) async fn is_paused(connection: &impl ConnectionTrait, tenant: TenantId) -> Result<bool, DbErr> {
    if everything_paused_since(connection).await?.is_some() {
        return Ok(true);
    }
    let paused = tenant::Entity::row(tenant).one(connection).await?;
    Ok(paused.is_some_and(|tenant| tenant.paused_at.is_some()))
}
