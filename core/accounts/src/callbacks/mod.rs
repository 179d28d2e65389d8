//! What Meta reports about people: that they removed the app, want their data deleted, or that something happened.

mod deauthorize;
mod deletion_request;
mod deletions;
mod error;
#[cfg(any(test, feature = "fuzzing"))]
pub mod fuzzing;
#[cfg(test)]
mod interrupted;
mod object;
mod order_scope;
mod signature;
mod signed_request;
#[cfg(test)]
mod waiting;
mod webhook;

pub use deletion_request::DeletionStatus;
pub use deletions::{DeletionError, Deletions};
pub use error::CallbackError;
pub use signed_request::{NotGenuine, SignedRequest};
pub use webhook::DeliveryBody;

use sea_orm::{ColumnTrait, Condition, ConnectionTrait, DbErr, QueryFilter, QueryOrder};
use secrecy::{ExposeSecret, SecretString};
use subtle::ConstantTimeEq;
use vitrine_base::{
    clock::SharedClock,
    database::{Database, SafeTime},
};
use vitrine_entity::{TenantOwned, account};

/// What callbacks are checked against.
#[derive(Clone, Debug)]
pub struct CallbackSettings {
    /// The secrets that may have signed: the Instagram app's, then the Meta app's.
    pub secrets: Vec<SecretString>,
    /// What Meta says when it asks whether the webhook's address is ours; none refuses every such question.
    pub verify_token: Option<SecretString>,
}

/// Answers Meta.
pub struct Callbacks {
    database: Database,
    safe_time: SafeTime,
    clock: SharedClock,
    settings: CallbackSettings,
}

impl Callbacks {
    /// The service over its parts.
    #[must_use]
    pub fn new(database: Database, clock: SharedClock, settings: CallbackSettings) -> Self {
        Self {
            safe_time: SafeTime::new(database.clone(), clock.clone()),
            database,
            clock,
            settings,
        }
    }

    /// Whether whoever asks knows the token agreed on with Meta.
    #[must_use]
    pub fn knows_verify_token(&self, token: &str) -> bool {
        let agreed = self.settings.verify_token.as_ref();
        let agreed = agreed.filter(|agreed| !agreed.expose_secret().is_empty());
        agreed.is_some_and(|agreed| {
            let (agreed, token) = (
                blake3::hash(agreed.expose_secret().as_bytes()),
                blake3::hash(token.as_bytes()),
            );
            bool::from(agreed.as_bytes().ct_eq(token.as_bytes()))
        })
    }

    fn read(&self, signed_request: &str) -> Result<SignedRequest, CallbackError> {
        let now = self.clock.now();
        Ok(SignedRequest::read(signed_request, &self.settings.secrets, now)?)
    }
}

/// The accounts of a person in all tenants, by any of the three ids that Instagram has for them.
async fn accounts_of(connection: &impl ConnectionTrait, user_id: &str) -> Result<Vec<account::Model>, DbErr> {
    let is_theirs = Condition::any()
        .add(account::Column::PlatformUserId.eq(user_id))
        .add(account::Column::AppScopedId.eq(user_id))
        .add(account::Column::ExchangeUserId.eq(user_id));
    account::Entity::across_tenants()
        .filter(is_theirs)
        .order_by_asc(account::Column::Id)
        .all(connection)
        .await
}
