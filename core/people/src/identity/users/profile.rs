//! What people can change about themselves.

use super::{names::checked_name, rows::find_user};
use crate::identity::IdentityError;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, IntoActiveModel};
use vitrine_base::{clock::SharedClock, database::Database};
use vitrine_entity::{UserId, user};

/// People, as they see themselves.
pub struct Users {
    database: Database,
    clock: SharedClock,
}

impl Users {
    /// The service over its parts.
    pub(in crate::identity) fn new(database: Database, clock: SharedClock) -> Self {
        Self { database, clock }
    }

    /// A person.
    ///
    /// # Errors
    /// [`IdentityError::UserGone`].
    pub async fn find(&self, id: UserId) -> Result<user::Model, IdentityError> {
        find_user(self.database.connection(), id).await
    }

    /// Changes how a person is called.
    ///
    /// # Errors
    /// [`IdentityError::Invalid`], [`IdentityError::UserGone`].
    pub async fn rename(&self, id: UserId, name: &str) -> Result<user::Model, IdentityError> {
        let name = checked_name(name)?;
        let mut row = self.find(id).await?.into_active_model();
        row.name = Set(name);
        row.updated_at = Set(self.clock.now());
        Ok(row.update(self.database.connection()).await?)
    }
}
