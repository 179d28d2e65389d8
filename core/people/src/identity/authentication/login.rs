//! How somebody logs in.

use crate::identity::{
    ClientInfo, Identity, IdentityError, SignedIn,
    authentication::proof::Proof,
    users::{
        email_address::EmailAddress, memberships::entered_membership, rows::with_address,
        tenants::find_tenant,
    },
};
use secrecy::SecretString;
use vitrine_entity::{TenantId, membership, user};

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
        let tenant = find_tenant(self.database.connection(), membership.tenant_id).await?;
        let transaction = self.database.begin_write().await?;
        let user = self.still_proved(&transaction, &user, proof).await?;
        let opened = self
            .opener
            .open(&transaction, user, tenant, membership.role, client);
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
        let factor = self.codes.pass(&user, shown.code.as_ref()).await?;
        let membership = entered_membership(self.database.connection(), user.id, shown.tenant).await?;
        Ok((user, Proof::Password { factor }, membership))
    }
}
