//! Links to pictures of a simulator that has moved since.

use sea_orm::{ColumnTrait, QueryFilter, QuerySelect, QueryTrait};
use vitrine_entity::{TenantId, TenantOwned, account, media};

use super::step;
use crate::failure::Failure;
use crate::wiring::Services;

/// Makes the demo's account due at once, with its links expired, where pictures are stored that are not at
/// `base_url`; true when it did so.
pub(super) async fn expire_moved(
    services: &Services,
    tenant: TenantId,
    base_url: &str,
) -> Result<bool, Failure> {
    let now = services.clock().now();
    let moved = media::Entity::across_tenants()
        .select_only()
        .column(media::Column::AccountId)
        .filter(elsewhere(tenant, base_url))
        .into_query();
    let updated = account::Entity::update_of(tenant)
        .col_expr(account::Column::LinksExpireAt, now.into())
        .col_expr(account::Column::NextSyncAt, now.into())
        .filter(account::Column::NextSyncAt.is_not_null())
        .filter(account::Column::Id.in_subquery(moved))
        .exec(services.database().connection())
        .await
        .map_err(step)?;
    Ok(updated.rows_affected > 0)
}

/// Whether every stored picture is at `base_url`.
pub(super) async fn are_here(services: &Services, tenant: TenantId, base_url: &str) -> bool {
    let found = media::Entity::across_tenants()
        .filter(elsewhere(tenant, base_url))
        .limit(1)
        .one(services.database().connection())
        .await;
    matches!(found, Ok(None))
}

fn elsewhere(tenant: TenantId, base_url: &str) -> sea_orm::Condition {
    let here = format!("{}/%", base_url.trim_end_matches('/'));
    sea_orm::Condition::all()
        .add(media::Column::TenantId.eq(tenant))
        .add(media::Column::HiddenUpstreamAt.is_null())
        .add(media::Column::MediaUrl.not_like(here))
}
