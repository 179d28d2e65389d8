//! The rows of tenants.

use crate::identity::IdentityError;
use sea_orm::ConnectionTrait;
use vitrine_entity::{InstallationOwned, TenantId, tenant};

/// A tenant.
///
/// # Errors
/// [`IdentityError::TenantGone`].
pub(in crate::identity) async fn find_tenant(
    connection: &impl ConnectionTrait,
    id: TenantId,
) -> Result<tenant::Model, IdentityError> {
    let row = tenant::Entity::row(id).one(connection).await?;
    row.ok_or(IdentityError::TenantGone)
}
