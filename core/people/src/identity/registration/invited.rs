//! How somebody who was invited joins a tenant.

use crate::identity::{
    ClientInfo, IdentityError, SignedIn,
    passwords::choice::PasswordChoice,
    sessions::opening::SessionOpener,
    throttle::ChosenBy,
    users::{memberships::insert_membership, names::checked_name, rows::NewUser, tenants::find_tenant},
};
use sea_orm::ConnectionTrait;
use secrecy::SecretString;
use vitrine_base::clock::SharedClock;
use vitrine_entity::{TenantId, membership::Role, user};

/// Lets people join tenants by an invitation.
pub(crate) struct InvitedPeople {
    pub(in crate::identity) clock: SharedClock,
    pub(in crate::identity) choice: PasswordChoice,
    pub(in crate::identity) opener: SessionOpener,
}

impl InvitedPeople {
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
        let about = [email.clone(), name.clone()];
        self.choice.check("password", password, &about).await?;
        let password_hash = self.choice.hash(password).await?;
        Ok(NewUser {
            email,
            name,
            password_hash,
        })
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
        let tenant = find_tenant(connection, tenant).await?;
        self.opener.open(connection, user, tenant, role, client).await
    }
}
