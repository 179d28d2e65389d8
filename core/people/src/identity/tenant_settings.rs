//! What people and tenants can change about themselves.

use super::{
    Identity, IdentityError,
    users::{
        names::{LONGEST_NAME, checked_name},
        rows::find_user,
        tenants::find_tenant,
    },
};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, IntoActiveModel};
use vitrine_base::validation::Check;
use vitrine_entity::{StringList, TenantId, UserId, tenant, user};

const MOST_ORIGINS: usize = 50;

/// What shall be different about a tenant; `None` leaves it.
#[derive(Clone, Debug, Default)]
pub struct TenantChange {
    /// Name of the site.
    pub name: Option<String>,
    /// Origins of the owner's own pages.
    pub allowed_origins: Option<Vec<String>>,
}

impl Identity {
    /// A person.
    ///
    /// # Errors
    /// [`IdentityError::UserGone`].
    pub async fn user(&self, id: UserId) -> Result<user::Model, IdentityError> {
        find_user(self.database.connection(), id).await
    }

    /// Changes how a person is called.
    ///
    /// # Errors
    /// [`IdentityError::Invalid`], [`IdentityError::UserGone`].
    pub async fn rename_user(&self, id: UserId, name: &str) -> Result<user::Model, IdentityError> {
        let name = checked_name(name)?;
        let mut row = self.user(id).await?.into_active_model();
        row.name = Set(name);
        row.updated_at = Set(self.clock.now());
        Ok(row.update(self.database.connection()).await?)
    }

    /// A tenant.
    ///
    /// # Errors
    /// [`IdentityError::TenantGone`].
    pub async fn tenant(&self, id: TenantId) -> Result<tenant::Model, IdentityError> {
        find_tenant(self.database.connection(), id).await
    }

    /// Changes a tenant's settings.
    ///
    /// # Errors
    /// [`IdentityError::Invalid`], [`IdentityError::TenantGone`].
    pub async fn update_tenant(
        &self,
        id: TenantId,
        change: TenantChange,
    ) -> Result<tenant::Model, IdentityError> {
        let mut check = Check::default();
        let name = change.name.map(|name| check.text("name", &name, LONGEST_NAME));
        let origins = change
            .allowed_origins
            .map(|origins| check.origins("allowed_origins", &origins, MOST_ORIGINS));
        check.finish().map_err(IdentityError::Invalid)?;
        let mut row = self.tenant(id).await?.into_active_model();
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
