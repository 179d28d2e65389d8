//! Calls by the names from before, until all callers use the services.

use super::{
    ClientInfo, Credentials, Enrolment, Identity, IdentityError, NewPassword, NewRegistration, Person,
    Reauthentication, SecondFactorState, SignedIn, Tenancy, TenantChange,
};
use secrecy::SecretString;
use vitrine_entity::{SessionId, TenantId, UserId, membership::Role, session, tenant, user};

#[expect(missing_docs, reason = "each is documented where it leads")]
impl Identity {
    pub async fn authenticate(&self, access_token: &str) -> Result<Person, IdentityError> {
        self.sessions.authenticate(access_token).await
    }

    pub async fn refresh(&self, refresh_token: &SecretString) -> Result<SignedIn, IdentityError> {
        self.sessions.refresh(refresh_token).await
    }

    pub async fn logout(
        &self,
        refresh_token: &SecretString,
    ) -> Result<Option<session::Model>, IdentityError> {
        self.sessions.log_out(refresh_token).await
    }

    pub async fn sessions(&self, person: &Person) -> Result<Vec<session::Model>, IdentityError> {
        self.sessions.list(person).await
    }

    pub async fn end_own_session(&self, person: &Person, id: SessionId) -> Result<(), IdentityError> {
        self.sessions.end(person, id).await
    }

    pub async fn end_other_sessions(&self, person: &Person) -> Result<u64, IdentityError> {
        self.sessions.end_others(person).await
    }

    pub async fn second_factor(&self, user: UserId) -> Result<SecondFactorState, IdentityError> {
        self.second_factor.state(user).await
    }

    pub async fn begin_second_factor(
        &self,
        person: &Person,
        password: &SecretString,
        client: &ClientInfo,
    ) -> Result<Enrolment, IdentityError> {
        self.second_factor.begin(person, password, client).await
    }

    pub async fn enable_second_factor(
        &self,
        person: &Person,
        code: &SecretString,
        client: &ClientInfo,
    ) -> Result<Vec<SecretString>, IdentityError> {
        self.second_factor.enable(person, code, client).await
    }

    pub async fn disable_second_factor(
        &self,
        person: &Person,
        password: &SecretString,
        code: &SecretString,
        client: &ClientInfo,
    ) -> Result<(), IdentityError> {
        self.second_factor.disable(person, password, code, client).await
    }

    pub async fn renew_recovery_codes(
        &self,
        person: &Person,
        password: &SecretString,
        code: &SecretString,
        client: &ClientInfo,
    ) -> Result<Vec<SecretString>, IdentityError> {
        self.second_factor
            .renew_recovery_codes(person, password, code, client)
            .await
    }

    pub async fn user(&self, id: UserId) -> Result<user::Model, IdentityError> {
        self.users.find(id).await
    }

    pub async fn rename_user(&self, id: UserId, name: &str) -> Result<user::Model, IdentityError> {
        self.users.rename(id, name).await
    }

    pub async fn tenant(&self, id: TenantId) -> Result<tenant::Model, IdentityError> {
        self.tenant_settings.read(id).await
    }

    pub async fn update_tenant(
        &self,
        id: TenantId,
        change: TenantChange,
    ) -> Result<tenant::Model, IdentityError> {
        self.tenant_settings.update(id, change).await
    }

    pub async fn role_now(&self, person: &Person) -> Result<Option<Role>, IdentityError> {
        self.tenancies.role_now(person).await
    }

    pub async fn tenancies(&self, user: UserId) -> Result<Vec<Tenancy>, IdentityError> {
        self.tenancies.list(user).await
    }

    pub async fn home_tenant(&self, user: UserId) -> Result<Option<TenantId>, IdentityError> {
        self.tenancies.home(user).await
    }

    pub async fn switch(&self, person: &Person, to: TenantId) -> Result<SignedIn, IdentityError> {
        self.tenancies.switch(person, to).await
    }

    pub async fn register(
        &self,
        new: NewRegistration,
        client: ClientInfo,
    ) -> Result<SignedIn, IdentityError> {
        self.registration.register(new, client).await
    }

    pub async fn register_unasked(
        &self,
        new: NewRegistration,
        client: ClientInfo,
    ) -> Result<SignedIn, IdentityError> {
        self.registration.register_unasked(new, client).await
    }

    pub async fn login(&self, shown: &Credentials, client: ClientInfo) -> Result<SignedIn, IdentityError> {
        self.login.log_in(shown, client).await
    }

    pub async fn change_email(
        &self,
        person: &Person,
        email: &str,
        presence: &Reauthentication<'_>,
        client: &ClientInfo,
    ) -> Result<(), IdentityError> {
        self.email.change(person, email, presence, client).await
    }

    pub async fn resend_verification(&self, user: UserId) -> Result<(), IdentityError> {
        self.email.resend(user).await
    }

    pub async fn pending_email(&self, user: &user::Model) -> Result<Option<String>, IdentityError> {
        self.email.pending(user).await
    }

    pub async fn verify_email(&self, token: &SecretString) -> Result<UserId, IdentityError> {
        self.email.verify(token).await
    }

    pub fn forgot_password(
        &self,
        email: &str,
    ) -> Result<impl Future<Output = ()> + Send + use<>, IdentityError> {
        self.password_recovery.forgot(email)
    }

    pub async fn reset_password(
        &self,
        token: &SecretString,
        password: &SecretString,
        client: &ClientInfo,
    ) -> Result<NewPassword, IdentityError> {
        self.password_recovery.reset(token, password, client).await
    }

    pub async fn change_password(
        &self,
        person: &Person,
        current: &Reauthentication<'_>,
        new: &SecretString,
        client: &ClientInfo,
    ) -> Result<(), IdentityError> {
        self.password_change.change(person, current, new, client).await
    }
}
