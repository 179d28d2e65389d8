//! What others need to let a person join a tenant.

use crate::identity::{
    ClientInfo, Identity, IdentityError, SignedIn,
    second_factor::enrolment::needed_since,
    sessions::{guard::lock_if_open, lifecycle::unchanged},
    throttle::ChosenBy,
    users::{memberships::insert_membership, names::checked_name, rows::NewUser},
};
use sea_orm::{ConnectionTrait, EntityTrait};
use secrecy::SecretString;
use vitrine_entity::{SessionId, TenantId, Time, membership::Role, tenant, user};

/// By what somebody proved to be themselves.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Proof {
    /// A sign-in that is open.
    SignIn(SessionId),
    /// The password, and a code where one was needed.
    Password {
        /// Since when one was.
        factor: Option<Time>,
    },
}

impl Identity {
    /// Checks name and password of somebody whose address is known to be theirs.
    ///
    /// # Errors
    /// [`IdentityError::Invalid`], [`IdentityError::Busy`], [`IdentityError::TooManyTries`].
    pub(crate) async fn newcomer(
        &self,
        email: String,
        name: &str,
        password: &SecretString,
    ) -> Result<NewUser, IdentityError> {
        self.choice.count(ChosenBy::Link, &email).await?;
        let name = checked_name(name)?;
        self.choice
            .check("password", password, &[email.clone(), name.clone()])
            .await?;
        let password_hash = self.choice.hash(password).await?;
        Ok(NewUser {
            email,
            name,
            password_hash,
        })
    }

    /// Lets a person prove who they are as for a sign-in, and gives the proof: with the password, with a code where
    /// one is needed, and bounded like every other try.
    ///
    /// # Errors
    /// [`IdentityError::InvalidCredentials`], [`IdentityError::SecondFactorRequired`],
    /// [`IdentityError::InvalidCode`], [`IdentityError::TooManyTries`].
    pub(crate) async fn prove(
        &self,
        user: &user::Model,
        password: &SecretString,
        code: Option<&SecretString>,
        client: &ClientInfo,
    ) -> Result<Proof, IdentityError> {
        let judging = self.check_password_and_code(user, password, code);
        self.attempts
            .judge(&user.email, Some(user.id), client, judging)
            .await
    }

    async fn check_password_and_code(
        &self,
        user: &user::Model,
        password: &SecretString,
        code: Option<&SecretString>,
    ) -> Result<Proof, IdentityError> {
        let hash = Some(user.password_hash.clone());
        if !self.hasher.verify(password, hash).await? {
            return Err(IdentityError::InvalidCredentials);
        }
        let factor = self.pass_second_factor(user, code).await?;
        Ok(Proof::Password { factor })
    }

    /// The person as they are now, held until the transaction ends, if that by which they proved to be themselves
    /// still counts.
    ///
    /// # Errors
    /// [`IdentityError::SessionRevoked`], [`IdentityError::InvalidCredentials`], and
    /// [`IdentityError::SecondFactorRequired`] when a second factor was enabled since.
    pub(crate) async fn still_proved(
        &self,
        connection: &impl ConnectionTrait,
        user: &user::Model,
        proof: Proof,
    ) -> Result<user::Model, IdentityError> {
        match proof {
            Proof::SignIn(session) => self.still_open(connection, user, session).await,
            Proof::Password { factor } => {
                let current = unchanged(connection, user.id, &user.password_hash).await?;
                let current = current.ok_or(IdentityError::InvalidCredentials)?;
                match needed_since(connection, user.id).await? {
                    needed @ Some(_) if needed != factor => Err(IdentityError::SecondFactorRequired),
                    _ => Ok(current),
                }
            }
        }
    }

    async fn still_open(
        &self,
        connection: &impl ConnectionTrait,
        user: &user::Model,
        session: SessionId,
    ) -> Result<user::Model, IdentityError> {
        let open = lock_if_open(connection, user.id, session, self.clock.now()).await?;
        let (current, _) = open.ok_or(IdentityError::SessionRevoked)?;
        Ok(current)
    }

    /// The person as they are now, held until the transaction ends, if their sign-in is still open and their password
    /// still the same.
    ///
    /// # Errors
    /// [`IdentityError::SessionRevoked`], [`IdentityError::WrongPassword`].
    pub(in crate::identity) async fn still_signed_in(
        &self,
        connection: &impl ConnectionTrait,
        user: &user::Model,
        session: SessionId,
    ) -> Result<user::Model, IdentityError> {
        let current = self.still_open(connection, user, session).await?;
        match current.password_hash == user.password_hash {
            true => Ok(current),
            false => Err(IdentityError::WrongPassword),
        }
    }

    /// Makes a person a member and opens a session for them there.
    ///
    /// # Errors
    /// When the database refuses, also because the person is a member already.
    pub(crate) async fn join(
        &self,
        connection: &impl ConnectionTrait,
        user: user::Model,
        tenant: TenantId,
        role: Role,
        client: ClientInfo,
    ) -> Result<SignedIn, IdentityError> {
        insert_membership(connection, tenant, user.id, role, self.clock.now()).await?;
        let tenant = tenant::Entity::find_by_id(tenant).one(connection).await?;
        let tenant = tenant.ok_or(IdentityError::TenantGone)?;
        self.open_session(connection, user, tenant, role, client).await
    }
}
