//! API keys: for programs and for pages.

mod caller;
mod error;
mod format;
mod scope;

pub use caller::KeyCaller;
pub use error::KeyError;
pub use format::{KeyText, MalformedKey};
pub use scope::{Scope, UnknownScope};

use crate::{
    clock::SharedClock,
    database::Database,
    paging::{Cursors, Page, PageRequest},
    security::MasterKey,
    validation::Check,
};
use caller::KeyCache;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, QueryFilter, sea_query::Expr};
use secrecy::SecretString;
use std::sync::Arc;
use vitrine_entity::{
    ApiKeyId, StringList, TenantId, TenantOwned, Time, UserId,
    api_key::{self, KeyKind},
};

const LONGEST_NAME: usize = 100;
const MOST_ORIGINS: usize = 50;
/// The kind's mark and four characters of the key: enough to recognise it, too few to guess it.
const SHOWN_PREFIX: usize = 10;

/// A key that somebody wants.
#[derive(Clone, Debug)]
pub struct NewApiKey {
    /// What the owner calls it.
    pub name: String,
    /// Where it will be kept.
    pub kind: KeyKind,
    /// What it opens; a publishable key opens `feeds:read` and nothing else.
    pub scopes: Vec<Scope>,
    /// Origins it may be used from; empty means any.
    pub allowed_origins: Vec<String>,
    /// When it ends by itself.
    pub expires_at: Option<Time>,
}

/// A key that was just made.
#[derive(Debug)]
pub struct CreatedKey {
    /// What is stored of it.
    pub row: api_key::Model,
    /// The key itself, never to be seen again.
    pub key: SecretString,
}

/// Makes, lists, revokes and recognises keys.
pub struct ApiKeys {
    database: Database,
    clock: SharedClock,
    cursors: Cursors,
    pepper: [u8; 32],
    known: KeyCache,
}

impl ApiKeys {
    /// The service over its parts.
    #[must_use]
    pub fn new(database: Database, clock: SharedClock, master: &MasterKey) -> Self {
        Self {
            known: KeyCache::new(database.clone()),
            database,
            clock,
            cursors: Cursors::new(master),
            pepper: master.derive("vitrine 2026 api keys"),
        }
    }

    /// Makes a key; only its hash is kept.
    ///
    /// # Errors
    /// [`KeyError::Invalid`].
    pub async fn create(
        &self,
        tenant: TenantId,
        by: Option<UserId>,
        new: NewApiKey,
    ) -> Result<CreatedKey, KeyError> {
        let now = self.clock.now();
        let new = checked(new, now)?;
        let key = KeyText::generate(new.kind);
        let row = api_key::ActiveModel {
            id: Set(ApiKeyId::generate()),
            tenant_id: Set(tenant),
            name: Set(new.name),
            kind: Set(new.kind),
            prefix: Set(key.expose().chars().take(SHOWN_PREFIX).collect()),
            hash: Set(key.hash(&self.pepper).to_hex().to_string()),
            scopes: Set(new.scopes.iter().map(Scope::as_str).collect()),
            allowed_origins: Set(StringList(new.allowed_origins)),
            created_by: Set(by),
            created_at: Set(now),
            expires_at: Set(new.expires_at),
            last_used_at: Set(None),
            revoked_at: Set(None),
        };
        Ok(CreatedKey {
            row: row.insert(self.database.connection()).await?,
            key: key.into_secret(),
        })
    }

    /// A tenant's keys, newest first, revoked ones too.
    ///
    /// # Errors
    /// [`KeyError::BadCursor`].
    pub async fn list(&self, tenant: TenantId, page: PageRequest) -> Result<Page<api_key::Model>, KeyError> {
        let list = format!("api-keys:{tenant}");
        let select = api_key::Entity::of(tenant);
        let connection = self.database.connection();
        Ok(self
            .cursors
            .page_by_id(connection, &list, select, api_key::Column::Id, &page, |row| {
                row.id.0
            })
            .await?)
    }

    /// Ends a key; twice is a success. This process forgets it at once, others within seconds.
    ///
    /// # Errors
    /// [`KeyError::NotFound`].
    pub async fn revoke(&self, tenant: TenantId, id: ApiKeyId) -> Result<(), KeyError> {
        let connection = self.database.connection();
        let row = api_key::Entity::of(tenant)
            .filter(api_key::Column::Id.eq(id))
            .one(connection)
            .await?;
        let row = row.ok_or(KeyError::NotFound)?;
        api_key::Entity::update_of(tenant)
            .col_expr(api_key::Column::RevokedAt, Expr::value(self.clock.now()))
            .filter(api_key::Column::Id.eq(id))
            .filter(api_key::Column::RevokedAt.is_null())
            .exec(connection)
            .await?;
        self.known.forget(&row.hash).await;
        Ok(())
    }

    /// Whose key this is; from memory when it was seen lately, and then also while the database is
    /// away.
    ///
    /// # Errors
    /// [`KeyError::Malformed`] without a look-up, [`KeyError::Unknown`], [`KeyError::Revoked`],
    /// [`KeyError::Expired`].
    pub async fn authenticate(&self, key: &str) -> Result<Arc<KeyCaller>, KeyError> {
        let text: KeyText = key.parse().map_err(|MalformedKey| KeyError::Malformed)?;
        let caller = self.known.find(text.hash(&self.pepper)).await?;
        self.check(caller)
    }

    /// The same without waiting: nothing when the key is not in memory, was not looked at for long, or
    /// is not valid.
    #[must_use]
    pub fn at_hand(&self, key: &str) -> Option<Arc<KeyCaller>> {
        let text: KeyText = key.parse().ok()?;
        let caller = self.known.at_hand(text.hash(&self.pepper))?;
        self.check(caller).ok()
    }

    /// Grows whenever a key that was valid may be so no longer.
    #[must_use]
    pub fn epoch(&self) -> u64 {
        self.known.epoch()
    }

    fn check(&self, caller: Arc<KeyCaller>) -> Result<Arc<KeyCaller>, KeyError> {
        if caller.revoked {
            return Err(KeyError::Revoked);
        }
        match caller.expires_at {
            Some(end) if end <= self.clock.now() => Err(KeyError::Expired),
            _ => Ok(caller),
        }
    }
}

fn checked(new: NewApiKey, now: Time) -> Result<NewApiKey, KeyError> {
    let mut check = Check::default();
    let name = check.text("name", &new.name, LONGEST_NAME);
    let scopes = match new.kind {
        KeyKind::Publishable if new.scopes.is_empty() => vec![Scope::FeedsRead],
        _ => new.scopes,
    };
    if scopes.is_empty() {
        check.refuse("scopes", "required", "a secret key needs at least one scope");
    }
    if new.kind == KeyKind::Publishable && scopes.iter().any(|scope| *scope != Scope::FeedsRead) {
        check.refuse(
            "scopes",
            "not_publishable",
            "a publishable key can only have feeds:read",
        );
    }
    check.origins("allowed_origins", &new.allowed_origins, MOST_ORIGINS);
    if new.expires_at.is_some_and(|end| end <= now) {
        check.refuse("expires_at", "in_the_past", "must be in the future");
    }
    check.finish().map_err(KeyError::Invalid)?;
    Ok(NewApiKey { name, scopes, ..new })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::{Clock, SystemClock};

    fn wanted(kind: KeyKind, scopes: Vec<Scope>) -> NewApiKey {
        NewApiKey {
            name: "site".into(),
            kind,
            scopes,
            allowed_origins: vec![],
            expires_at: None,
        }
    }

    fn codes(new: NewApiKey) -> Vec<&'static str> {
        match checked(new, SystemClock.now()) {
            Err(KeyError::Invalid(errors)) => errors.into_iter().map(|error| error.code).collect(),
            _ => vec![],
        }
    }

    #[test]
    fn a_publishable_key_only_reads_feeds() {
        assert_eq!(
            codes(wanted(KeyKind::Publishable, vec![Scope::AccountsRead])),
            ["not_publishable"]
        );
        let key = checked(wanted(KeyKind::Publishable, vec![]), SystemClock.now()).unwrap();
        assert_eq!(key.scopes, [Scope::FeedsRead]);
    }

    #[test]
    fn a_secret_key_needs_a_scope_and_a_future() {
        let past = NewApiKey {
            expires_at: Some(SystemClock.now()),
            ..wanted(KeyKind::Secret, vec![])
        };

        assert_eq!(codes(past), ["required", "in_the_past"]);
    }
}
