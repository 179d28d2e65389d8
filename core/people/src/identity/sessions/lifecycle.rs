//! Signing in, staying signed in, and signing out.

use crate::identity::{
    AccessTokens, ClientInfo, Identity, IdentityError, Person, REFRESH_LIFETIME, SignedIn,
    authentication::proof::Proof,
    sessions::{access_token::Bearer, refresh_token::TokenGeneration, user_sessions::forget_beyond},
    users::{
        email_address::EmailAddress,
        memberships::{entered_membership, membership_of},
        rows::{lock_user, with_address},
    },
};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, ExprTrait,
    QueryFilter, sea_query::Expr,
};
use secrecy::{ExposeSecret, SecretString};
use vitrine_base::clock::later;
use vitrine_entity::{
    SessionId, TenantId, TenantOwned, UserId,
    membership::{self, Role},
    session, tenant, user,
};

/// A browser's own name is kept up to this many characters.
const LONGEST_USER_AGENT: usize = 200;

/// What somebody shows to sign in.
#[derive(Debug)]
pub struct Credentials {
    /// Address.
    pub email: String,
    /// Password.
    pub password: SecretString,
    /// Code of the second factor, or a recovery code, where one is needed.
    pub code: Option<SecretString>,
    /// The tenant to enter; the one joined first when none is named.
    pub tenant: Option<TenantId>,
}

impl Identity {
    /// Signs somebody in, to the tenant that is wanted or to the one that the person belongs to the longest.
    ///
    /// # Errors
    /// [`IdentityError::TenantGone`] when the person does not belong to the tenant that is wanted;
    /// [`IdentityError::InvalidCredentials`] for an unknown address and for a wrong password alike, after the same
    /// work; [`IdentityError::SecondFactorRequired`] and [`IdentityError::InvalidCode`] once the password is right;
    /// [`IdentityError::TooManyTries`] by the rule in `throttle`.
    pub async fn login(&self, shown: &Credentials, client: ClientInfo) -> Result<SignedIn, IdentityError> {
        let email = EmailAddress::parse(&shown.email);
        let user = match &email {
            Some(email) => with_address(self.database.connection(), email.as_str()).await?,
            None => None,
        };
        let tried = email.map_or_else(|| shown.email.clone(), String::from);
        let owner = user.as_ref().map(|user| user.id);
        let judging = self.check_credentials(user, shown);
        let (user, proof, membership) = self.attempts.judge(&tried, owner, &client, judging).await?;
        self.attempts.count_login(user.id).await?;
        let tenant = self.tenant(membership.tenant_id).await?;
        let transaction = self.database.begin_write().await?;
        let user = self.still_proved(&transaction, &user, proof).await?;
        let opened = self.open_session(&transaction, user, tenant, membership.role, client);
        let signed_in = opened.await?;
        transaction.commit().await?;
        Ok(signed_in)
    }

    async fn check_credentials(
        &self,
        user: Option<user::Model>,
        shown: &Credentials,
    ) -> Result<(user::Model, Proof, membership::Model), IdentityError> {
        let hash = user.as_ref().map(|user| user.password_hash.clone());
        let fits = self.hasher.verify(&shown.password, hash).await?;
        let user = user.filter(|_| fits).ok_or(IdentityError::InvalidCredentials)?;
        let factor = self.pass_second_factor(&user, shown.code.as_ref()).await?;
        let membership = entered_membership(self.database.connection(), user.id, shown.tenant).await?;
        Ok((user, Proof::Password { factor }, membership))
    }

    /// Ends the session of a refresh token, and gives it; none for an unknown token, or when it has ended before.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn logout(
        &self,
        refresh_token: &SecretString,
    ) -> Result<Option<session::Model>, IdentityError> {
        let Some(ticket) = self.refresh_tokens.read(refresh_token.expose_secret()) else {
            return Ok(None);
        };
        let ended = self.revoke(session::Column::Id.eq(ticket.session)).await?;
        Ok(ended.into_iter().next())
    }

    /// Ends one session of a tenant; twice is a success.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn end_session(&self, tenant: TenantId, session: SessionId) -> Result<(), IdentityError> {
        self.revoke(
            session::Column::Id
                .eq(session)
                .and(session::Column::TenantId.eq(tenant)),
        )
        .await
        .map(drop)
    }

    /// Who holds an access token: it is ours and fresh, its session is alive, and the person is
    /// still a member.
    ///
    /// # Errors
    /// [`IdentityError::InvalidToken`], [`IdentityError::ExpiredToken`],
    /// [`IdentityError::SessionRevoked`].
    pub async fn authenticate(&self, access_token: &str) -> Result<Person, IdentityError> {
        let bearer = self.access_tokens.read(access_token, self.clock.now())?;
        let session = session::Entity::of(bearer.tenant)
            .filter(session::Column::Id.eq(bearer.session))
            .filter(session::Column::RevokedAt.is_null())
            .filter(session::Column::ExpiresAt.gt(self.clock.now()))
            .one(self.database.connection())
            .await?;
        session.ok_or(IdentityError::SessionRevoked)?;
        self.member(bearer).await
    }

    pub(in crate::identity) async fn open_session(
        &self,
        connection: &impl ConnectionTrait,
        user: user::Model,
        tenant: tenant::Model,
        role: Role,
        client: ClientInfo,
    ) -> Result<SignedIn, IdentityError> {
        let now = self.clock.now();
        let session = session::ActiveModel {
            id: Set(SessionId::generate()),
            tenant_id: Set(tenant.id),
            user_id: Set(user.id),
            generation: Set(1),
            network: Set(self.networks.of_person(user.id, &client)),
            user_agent: Set(client
                .user_agent
                .map(|name| name.chars().take(LONGEST_USER_AGENT).collect())),
            created_at: Set(now),
            last_used_at: Set(now),
            expires_at: Set(later(now, REFRESH_LIFETIME)),
            revoked_at: Set(None),
            refreshed_at: Set(None),
        };
        let session = session.insert(connection).await?;
        forget_beyond(connection, user.id).await?;
        self.pair(
            user,
            tenant,
            role,
            TokenGeneration {
                session: session.id,
                generation: session.generation,
            },
        )
    }

    pub(in crate::identity) fn pair(
        &self,
        user: user::Model,
        tenant: tenant::Model,
        role: Role,
        ticket: TokenGeneration,
    ) -> Result<SignedIn, IdentityError> {
        let bearer = Bearer {
            tenant: tenant.id,
            user: user.id,
            session: ticket.session,
        };
        Ok(SignedIn {
            access_token: self.access_tokens.issue(bearer, self.clock.now())?,
            expires_in: AccessTokens::LIFETIME,
            refresh_token: self.refresh_tokens.issue(ticket),
            refresh_expires_in: REFRESH_LIFETIME,
            user,
            tenant,
            role,
        })
    }

    pub(in crate::identity) async fn revoke(
        &self,
        which: impl sea_orm::sea_query::IntoCondition,
    ) -> Result<Vec<session::Model>, IdentityError> {
        let ended = session::Entity::update_many()
            .col_expr(session::Column::RevokedAt, Expr::value(self.clock.now()))
            .filter(which)
            .filter(session::Column::RevokedAt.is_null())
            .exec_with_returning(self.database.connection())
            .await?;
        Ok(ended)
    }

    pub(in crate::identity) async fn member(&self, bearer: Bearer) -> Result<Person, IdentityError> {
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

/// The person as they are now, held until the transaction ends; nobody when their password was changed since it was
/// looked at: sessions were ended then, and nothing that went by the old one shall come after.
pub(in crate::identity) async fn unchanged(
    connection: &impl ConnectionTrait,
    user: UserId,
    password_hash: &str,
) -> Result<Option<user::Model>, DbErr> {
    let current = lock_user(connection, user).await?;
    Ok(current.filter(|current| current.password_hash == password_hash))
}
