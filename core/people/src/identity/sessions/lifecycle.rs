//! Sessions while they last: who holds one, and how it ends.

use crate::identity::{
    IdentityError,
    sessions::{access_token::Bearer, person::Person, token_pair::SessionTokens},
    users::memberships::membership_of,
};
use sea_orm::{
    ColumnTrait, QueryFilter,
    sea_query::{Expr, IntoCondition},
};
use secrecy::SecretString;
use vitrine_base::{clock::SharedClock, database::Database};
use vitrine_entity::{TenantOwned, session};

/// Sessions of people: by whose token somebody asks, how a session goes on, and how it ends.
pub struct Sessions {
    pub(super) database: Database,
    pub(super) clock: SharedClock,
    pub(super) tokens: SessionTokens,
}

impl Sessions {
    /// The service over its parts.
    pub(in crate::identity) fn new(database: Database, clock: SharedClock, tokens: SessionTokens) -> Self {
        Self {
            database,
            clock,
            tokens,
        }
    }

    /// Who holds an access token: it is ours and fresh, its session is alive, and the person is
    /// still a member.
    ///
    /// # Errors
    /// [`IdentityError::InvalidToken`], [`IdentityError::ExpiredToken`],
    /// [`IdentityError::SessionRevoked`].
    pub async fn authenticate(&self, access_token: &str) -> Result<Person, IdentityError> {
        let bearer = self.tokens.read_access(access_token)?;
        let session = session::Entity::of(bearer.tenant)
            .filter(session::Column::Id.eq(bearer.session))
            .filter(session::Column::RevokedAt.is_null())
            .filter(session::Column::ExpiresAt.gt(self.clock.now()))
            .one(self.database.connection())
            .await?;
        session.ok_or(IdentityError::SessionRevoked)?;
        self.member(bearer).await
    }

    /// Ends the session of a refresh token, and gives it; none for an unknown token, or when it has ended before.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn log_out(
        &self,
        refresh_token: &SecretString,
    ) -> Result<Option<session::Model>, IdentityError> {
        let Some(generation) = self.tokens.read_refresh(refresh_token) else {
            return Ok(None);
        };
        let ended = self.revoke(session::Column::Id.eq(generation.session)).await?;
        Ok(ended.into_iter().next())
    }

    pub(super) async fn revoke(
        &self,
        which: impl IntoCondition,
    ) -> Result<Vec<session::Model>, IdentityError> {
        let ended = session::Entity::update_across_tenants()
            .col_expr(session::Column::RevokedAt, Expr::value(self.clock.now()))
            .filter(which)
            .filter(session::Column::RevokedAt.is_null())
            .exec_with_returning(self.database.connection())
            .await?;
        Ok(ended)
    }

    pub(super) async fn member(&self, bearer: Bearer) -> Result<Person, IdentityError> {
        let membership = membership_of(self.database.connection(), bearer.tenant, bearer.user).await?;
        let membership = membership.ok_or(IdentityError::SessionRevoked)?;
        Ok(Person {
            tenant: bearer.tenant,
            user: bearer.user,
            session: bearer.session,
            role: membership.role,
        })
    }
}
