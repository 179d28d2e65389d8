//! What others need to let a person join a tenant.

use crate::identity::{
    ClientInfo, Identity, IdentityError, SignedIn,
    second_factor::codes::needed_since,
    sessions::guard::still_open,
    throttle::ChosenBy,
    users::{
        memberships::insert_membership,
        names::checked_name,
        rows::{NewUser, lock_user},
    },
};
use sea_orm::{ConnectionTrait, DbErr, EntityTrait};
use secrecy::SecretString;
use vitrine_entity::{SessionId, TenantId, Time, UserId, membership::Role, tenant, user};

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
        let factor = self.codes.pass(user, code).await?;
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
            Proof::SignIn(session) => still_open(connection, user.id, session, self.clock.now()).await,
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
        self.opener.open(connection, user, tenant, role, client).await
    }
}

/// The person as they are now, held until the transaction ends; nobody when their password was changed since it was
/// looked at: sessions were ended then, and nothing that went by the old one shall come after.
async fn unchanged(
    connection: &impl ConnectionTrait,
    user: UserId,
    password_hash: &str,
) -> Result<Option<user::Model>, DbErr> {
    let current = lock_user(connection, user).await?;
    Ok(current.filter(|current| current.password_hash == password_hash))
}
