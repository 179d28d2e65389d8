//! Calls by the names from before, until all callers use the services.

use super::{Identity, IdentityError, Person, SignedIn};
use secrecy::SecretString;
use vitrine_entity::{SessionId, session};

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
}
