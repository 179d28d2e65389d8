//! What tenants can change about themselves.

use crate::identity::{
    IdentityError,
    users::{names::LONGEST_NAME, tenants::find_tenant},
};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, IntoActiveModel};
use vitrine_base::{clock::SharedClock, database::Database, validation::Check};
use vitrine_entity::{StringList, TenantId, tenant};

const MOST_ORIGINS: usize = 50;

/// What shall be different about a tenant; `None` leaves it.
#[derive(Clone, Debug, Default)]
pub struct TenantChange {
    /// Name of the site.
    pub name: Option<String>,
    /// Origins of the owner's own pages.
    pub allowed_origins: Option<Vec<String>>,
}

/// Settings of tenants.
pub struct TenantSettings {
    database: Database,
    clock: SharedClock,
}

impl TenantSettings {
    /// The service over its parts.
    pub(in crate::identity) fn new(database: Database, clock: SharedClock) -> Self {
        Self { database, clock }
    }

    /// A tenant, with its settings.
    ///
    /// # Errors
    /// [`IdentityError::TenantGone`].
    pub async fn read(&self, id: TenantId) -> Result<tenant::Model, IdentityError> {
        find_tenant(self.database.connection(), id).await
    }

    /// Changes a tenant's settings.
    ///
    /// # Errors
    /// [`IdentityError::Invalid`], [`IdentityError::TenantGone`].
    pub async fn update(&self, id: TenantId, change: TenantChange) -> Result<tenant::Model, IdentityError> {
        let mut check = Check::default();
        let name = change.name.map(|name| check.text("name", &name, LONGEST_NAME));
        let origins = change
            .allowed_origins
            .map(|origins| check.origins("allowed_origins", &origins, MOST_ORIGINS));
        check.finish().map_err(IdentityError::Invalid)?;
        let mut row = self.read(id).await?.into_active_model();
        row.updated_at = Set(self.clock.now());
        if let Some(name) = name {
            row.name = Set(name);
        }
        if let Some(origins) = origins {
            row.allowed_origins = Set(StringList(origins));
        }
        Ok(row.update(self.database.connection()).await?)
    }
}
