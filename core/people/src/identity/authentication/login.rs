//! How somebody logs in.

use crate::identity::{
    ClientInfo, IdentityError, SignedIn,
    authentication::proof::{Proof, Proofs},
    sessions::opening::SessionOpener,
    throttle::Attempts,
    users::{
        email_address::EmailAddress, memberships::entered_membership, rows::with_address,
        tenants::find_tenant,
    },
};
use secrecy::SecretString;
use vitrine_base::database::Database;
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

/// Logs people in.
pub struct Login {
    pub(in crate::identity) database: Database,
    pub(in crate::identity) attempts: Attempts,
    pub(in crate::identity) proofs: Proofs,
    pub(in crate::identity) opener: SessionOpener,
}

impl Login {
    /// Signs somebody in, to the tenant that is wanted or to the one that the person belongs to the longest.
    ///
    /// # Errors
    /// [`IdentityError::TenantGone`] when the person does not belong to the tenant that is wanted;
    /// [`IdentityError::InvalidCredentials`] for an unknown address and for a wrong password alike, after the same
    /// work; [`IdentityError::SecondFactorRequired`] and [`IdentityError::InvalidCode`] once the password is right;
    /// [`IdentityError::TooManyTries`] by the rule in `throttle`.
    pub async fn log_in(&self, shown: &Credentials, client: ClientInfo) -> Result<SignedIn, IdentityError> {
        let email = EmailAddress::parse(&shown.email);
        let user = match &email {
            Some(email) => with_address(self.database.connection(), email.as_str()).await?,
            None => None,
        };
        let tried = email.map_or_else(|| shown.email.clone(), String::from);
        let owner = user.as_ref().map(|user| user.id);
        let judging = self.judge(user.as_ref(), shown);
        let (user, proof, membership) = self.attempts.judge(&tried, owner, &client, judging).await?;
        self.attempts.count_login(user.id).await?;
        self.enter(user, proof, membership, client).await
    }

    async fn judge<'a>(
        &self,
        user: Option<&'a user::Model>,
        shown: &Credentials,
    ) -> Result<(&'a user::Model, Proof, membership::Model), IdentityError> {
        let judging = self.proofs.judge(user, &shown.password, shown.code.as_ref());
        let (user, proof) = judging.await?;
        let membership = entered_membership(self.database.connection(), user.id, shown.tenant).await?;
        Ok((user, proof, membership))
    }

    /// Opens the session, if the proof still counts.
    async fn enter(
        &self,
        user: &user::Model,
        proof: Proof,
        membership: membership::Model,
        client: ClientInfo,
    ) -> Result<SignedIn, IdentityError> {
        let tenant = find_tenant(self.database.connection(), membership.tenant_id).await?;
        let transaction = self.database.begin_write().await?;
        let user = self.proofs.still_proved(&transaction, user, proof).await?;
        let signed_in = self
            .opener
            .open(&transaction, user, tenant, membership.role, client)
            .await?;
        transaction.commit().await?;
        Ok(signed_in)
    }
}
