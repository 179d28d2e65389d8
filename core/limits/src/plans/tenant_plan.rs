//! The plan that a tenant has.

use sea_orm::{ConnectionTrait, DbErr, QuerySelect};
use vitrine_entity::{InstallationOwned, TenantId, plan, tenant};

/// The plan of a tenant: the default one if it was given no other.
pub(super) async fn plan_of(
    connection: &impl ConnectionTrait,
    tenant: TenantId,
) -> Result<plan::Model, DbErr> {
    let name = tenant::Entity::row(tenant)
        .select_only()
        .column(tenant::Column::PlanName)
        .into_tuple::<Option<String>>()
        .one(connection)
        .await?
        .flatten();
    let name = name.unwrap_or_else(|| plan::DEFAULT.to_owned());
    let plan = plan::Entity::row(&name).one(connection).await?;
    plan.ok_or(DbErr::RecordNotFound(format!("the plan {name}")))
}
