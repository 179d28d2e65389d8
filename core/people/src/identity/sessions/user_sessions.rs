//! A person's sessions, as they see them.

use crate::identity::{
    IdentityError,
    sessions::{ending::end_sessions, lifecycle::Sessions, person::Person, retention::MOST_KEPT},
};
use sea_orm::{ColumnTrait, QueryFilter, QueryOrder, QuerySelect, sea_query::Expr};
use vitrine_entity::{SessionId, TenantOwned, session};

impl Sessions {
    /// The open sign-ins of a person, in every tenant, the newest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list(&self, person: &Person) -> Result<Vec<session::Model>, IdentityError> {
        let rows = session::Entity::across_tenants()
            .filter(session::Column::UserId.eq(person.user))
            .filter(session::Column::RevokedAt.is_null())
            .filter(session::Column::ExpiresAt.gt(self.clock.now()))
            .order_by_desc(session::Column::Id)
            .limit(MOST_KEPT)
            .all(self.database.connection())
            .await?;
        Ok(rows)
    }

    /// Ends one sign-in of a person.
    ///
    /// # Errors
    /// [`IdentityError::SessionNotFound`] for one that has ended, never was, or is somebody else's.
    pub async fn end(&self, person: &Person, id: SessionId) -> Result<(), IdentityError> {
        let ended = session::Entity::update_across_tenants()
            .col_expr(session::Column::RevokedAt, Expr::value(self.clock.now()))
            .filter(session::Column::Id.eq(id))
            .filter(session::Column::UserId.eq(person.user))
            .filter(session::Column::RevokedAt.is_null())
            .exec(self.database.connection())
            .await?;
        match ended.rows_affected {
            0 => Err(IdentityError::SessionNotFound),
            _ => Ok(()),
        }
    }

    /// Ends every sign-in of a person but the one that asks, and says how many; twice is a success.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn end_others(&self, person: &Person) -> Result<u64, IdentityError> {
        let connection = self.database.connection();
        Ok(end_sessions(connection, person.user, Some(person.session), self.clock.now()).await?)
    }
}
