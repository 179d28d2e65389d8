//! Where emails wait.

use super::{
    Email,
    seal::{Seal, SealedEmail, Unreadable},
};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ConnectionTrait, DbErr};
use vitrine_base::security::Vault;
use vitrine_entity::{OutboxId, TenantId, Time, UserId, outbox};

/// What rows of emails have in `kind`.
pub(super) const MAIL: &str = "mail";

/// Whom an email is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum About {
    /// A tenant, whoever it is sent to.
    Tenant(TenantId),
    /// The person to whom it is sent.
    Person(UserId),
    /// A tenant and the person to whom it is sent; it goes with whichever goes first.
    Member(TenantId, UserId),
}

impl From<TenantId> for About {
    fn from(tenant: TenantId) -> Self {
        Self::Tenant(tenant)
    }
}

impl From<UserId> for About {
    fn from(user: UserId) -> Self {
        Self::Person(user)
    }
}

/// Writes emails that workers will send.
#[derive(Clone)]
pub struct Outbox {
    seal: Seal,
}

impl Outbox {
    /// The outbox under these keys.
    #[must_use]
    pub fn new(vault: &Vault) -> Self {
        Self {
            seal: Seal::new(vault),
        }
    }

    /// Writes an email in the caller's transaction; it is sent once that is committed. Twice is two emails. It goes
    /// with whom it is about, sent or not.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn put(
        &self,
        connection: &impl ConnectionTrait,
        about: impl Into<About>,
        email: &Email,
        now: Time,
    ) -> Result<(), DbErr> {
        let id = OutboxId::generate();
        let (tenant, user) = match about.into() {
            About::Tenant(tenant) => (Some(tenant), None),
            About::Person(user) => (None, Some(user)),
            About::Member(tenant, user) => (Some(tenant), Some(user)),
        };
        let sealed = self.seal.close(id, email).map_err(unwritable)?;
        let row = outbox::ActiveModel {
            id: Set(id),
            tenant_id: Set(tenant),
            user_id: Set(user),
            kind: Set(MAIL.to_owned()),
            payload: Set(serde_json::to_value(sealed).map_err(|error| DbErr::Json(error.to_string()))?),
            created_at: Set(now),
            next_attempt_at: Set(Some(now)),
            attempts: Set(0),
            ..Default::default()
        };
        row.insert(connection).await.map(|_| ())
    }

    /// The email of a row.
    pub(super) fn read(&self, row: &outbox::Model) -> Result<Email, Unreadable> {
        let sealed: SealedEmail = serde_json::from_value(row.payload.clone()).map_err(|_| Unreadable)?;
        self.seal.open(row.id, &sealed)
    }
}

fn unwritable(error: Unreadable) -> DbErr {
    DbErr::Custom(error.to_string())
}
