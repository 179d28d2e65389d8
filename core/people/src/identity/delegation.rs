//! Calls by the names from before, until all callers use the services.

use super::{ClientInfo, Enrolment, Identity, IdentityError, Person, SecondFactorState, SignedIn};
use secrecy::SecretString;
use vitrine_entity::{SessionId, UserId, session};

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
}
