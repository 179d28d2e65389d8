//! Staying signed in: a refresh token is traded for the next pair, once.
//!
//! Two tabs of one browser hold the same token, and may trade it at the same moment. So the token before the newest one
//! gives the same successor for a few seconds after it was traded. Whoever stole it and is that quick holds what its
//! owner holds, and is found out by the next trade of either of them.

use crate::identity::{
    IdentityError,
    sessions::{
        access_token::Bearer,
        lifecycle::Sessions,
        lifetimes::{SESSION_LIFETIME, UNUSED_SESSION_LIFETIME},
        refresh_token::TokenGeneration,
        token_pair::SignedIn,
    },
    users::{rows::find_user, tenants::find_tenant},
};
use sea_orm::{ColumnTrait, DbErr, QueryFilter, sea_query::Expr};
use secrecy::SecretString;
use std::time::Duration;
use vitrine_base::clock::later;
use vitrine_entity::{SessionId, TenantOwned, Time, session};

/// How long a token that was traded gives its successor once more.
const GRACE: Duration = Duration::from_secs(10);
/// By how much the clocks of two processes may differ. What was traded later than that from now was traded before a
/// clock was set back, nobody knows how long ago.
const SKEW: Duration = Duration::from_mins(1);

impl Sessions {
    /// Trades a refresh token for the next pair. Within ten seconds the same token gives the same next one.
    ///
    /// # Errors
    /// [`IdentityError::SessionRevoked`] when the token was used before that: this ends the whole
    /// family, because one of the two who used it stole it. [`IdentityError::InvalidToken`] for a
    /// made-up token, [`IdentityError::ExpiredToken`] after 30 days without use, and 180 days after signing in.
    pub async fn refresh(&self, refresh_token: &SecretString) -> Result<SignedIn, IdentityError> {
        let ticket = self
            .tokens
            .read_refresh(refresh_token)
            .ok_or(IdentityError::InvalidToken)?;
        let session = self.rotate(ticket).await?;
        let person = self
            .member(Bearer {
                tenant: session.tenant_id,
                user: session.user_id,
                session: session.id,
            })
            .await?;
        let connection = self.database.connection();
        let user = find_user(connection, person.user).await?;
        let tenant = find_tenant(connection, person.tenant).await?;
        self.tokens
            .issue(user, tenant, person.role, TokenGeneration::of(&session))
    }

    /// Moves a family to its next generation; only one of several at once does.
    async fn rotate(&self, ticket: TokenGeneration) -> Result<session::Model, IdentityError> {
        let now = self.clock.now();
        let session = self.family(ticket.session).await?;
        let session = session.ok_or(IdentityError::SessionRevoked)?;
        let rotated = session::Entity::update_across_tenants()
            .col_expr(session::Column::Generation, Expr::value(ticket.generation + 1))
            .col_expr(session::Column::RefreshedAt, Expr::value(now))
            .col_expr(session::Column::LastUsedAt, Expr::value(now))
            .col_expr(
                session::Column::ExpiresAt,
                Expr::value(end_of(session.created_at, now)),
            )
            .filter(session::Column::Id.eq(ticket.session))
            .filter(session::Column::Generation.eq(ticket.generation))
            .filter(session::Column::RevokedAt.is_null())
            .filter(session::Column::ExpiresAt.gt(now))
            .exec_with_returning(self.database.connection())
            .await?;
        match rotated.into_iter().next() {
            Some(session) => Ok(session),
            None => self.recently_rotated(ticket, now).await,
        }
    }

    /// The family of a ticket that was just traded by somebody else; else why it is refused. A replay ends its family.
    async fn recently_rotated(
        &self,
        ticket: TokenGeneration,
        now: Time,
    ) -> Result<session::Model, IdentityError> {
        match self.family(ticket.session).await? {
            None => Err(IdentityError::SessionRevoked),
            Some(session) if session.revoked_at.is_some() => Err(IdentityError::SessionRevoked),
            Some(session) if session.generation == ticket.generation => Err(IdentityError::ExpiredToken),
            Some(session) if was_just_rotated(&session, ticket, now) => Ok(session),
            Some(session) => {
                tracing::warn!(session.id = %session.id, "a refresh token was used twice; the session is ended");
                self.revoke(session::Column::Id.eq(session.id)).await?;
                Err(IdentityError::SessionRevoked)
            }
        }
    }

    async fn family(&self, id: SessionId) -> Result<Option<session::Model>, DbErr> {
        session::Entity::across_tenants()
            .filter(session::Column::Id.eq(id))
            .one(self.database.connection())
            .await
    }
}

/// Whether the newest token of a family was made from this one, a moment ago. A sign-in that was moved to another
/// tenant meanwhile has no such moment.
fn was_just_rotated(session: &session::Model, ticket: TokenGeneration, now: Time) -> bool {
    let is_next = session.generation.checked_sub(1) == Some(ticket.generation);
    let is_fresh = session
        .refreshed_at
        .is_some_and(|traded| now <= later(traded, GRACE) && traded <= later(now, SKEW));
    is_next && is_fresh && session.expires_at > now
}

/// When a sign-in ends that is used now: use prolongs it, up to its longest life.
fn end_of(began: Time, used: Time) -> Time {
    std::cmp::min(
        later(used, UNUSED_SESSION_LIFETIME),
        later(began, SESSION_LIFETIME),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        identity::ClientInfo,
        testing::{WithPeople, ada},
    };
    use vitrine_base::{
        clock::Clock,
        testing::{Bed, on_both_engines},
    };

    on_both_engines!(a_clock_that_was_set_back_prolongs_no_grace);

    async fn a_clock_that_was_set_back_prolongs_no_grace(bed: Bed) {
        let identity = bed.identity();
        let first = identity
            .registration
            .register(ada(), ClientInfo::default())
            .await
            .unwrap();
        let began = bed.clock.now();
        bed.clock.advance(Duration::from_hours(1));
        identity.sessions.refresh(&first.refresh_token).await.unwrap();
        identity.sessions.refresh(&first.refresh_token).await.unwrap();

        bed.clock.set(began);

        let late = identity.sessions.refresh(&first.refresh_token).await.map(drop);
        assert!(matches!(late, Err(IdentityError::SessionRevoked)), "{late:?}");
    }
}
