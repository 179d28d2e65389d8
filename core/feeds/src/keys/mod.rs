//! API keys: for programs and for pages.

mod caller;
mod error;
mod feed_readers;
#[cfg(any(test, feature = "fuzzing"))]
pub mod fuzzing;
mod key_cache;
mod key_text;
mod last_use;
mod retention;
mod rotation;
mod scope;
mod use_flush;

pub use caller::KeyCaller;
pub use error::KeyError;
pub use feed_readers::{AccessRefusal, KeyNeed, Readers};
pub use key_text::{KeyText, MalformedKey};
pub use retention::prune_keys;
pub use rotation::LONGEST_OVERLAP;
pub use scope::{Scope, UnknownScope};

use crate::ChangeEvents;
use key_cache::{KeyCache, KeyEntry, KeySource};
use retention::delete_oldest_ended;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, QueryFilter, sea_query::Expr};
use secrecy::SecretString;
use std::{sync::Arc, time::Duration};
use vitrine_base::{
    cache::CacheEntry,
    clock::{SharedClock, later},
    database::Database,
    paging::{Cursors, Page, PageRequest},
    security::MasterKey,
    validation::Check,
};
use vitrine_entity::{
    ApiKeyId, StringList, TenantId, TenantOwned, Time, UserId,
    api_key::{self, KeyKind},
};
use vitrine_limits::plans::{self, Limit};
use vitrine_people::identity::{Person, ensure_access};

const LONGEST_NAME: usize = 100;
const MOST_ORIGINS: usize = 50;
/// A key that ends later than in ten years was meant to end at another time.
const LONGEST_LIFE: Duration = Duration::from_hours(3_653 * 24);
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
    changes: ChangeEvents,
    known: KeyCache,
}

impl ApiKeys {
    /// The service over its parts, and what hears over `changes` which keys end: run that for as long as keys are
    /// recognised.
    pub fn new(
        database: Database,
        clock: SharedClock,
        master: &MasterKey,
        changes: ChangeEvents,
    ) -> (Self, impl Future<Output = ()> + Send + use<>) {
        let known = KeyCache::new(database.clone(), clock.clone());
        let following = known.follow(changes.subscribe());
        let keys = Self {
            known,
            changes,
            database,
            clock,
            cursors: Cursors::new(master),
            pepper: master.derive("vitrine 2026 api keys"),
        };
        (keys, following)
    }

    /// Makes a key, for a person or on the operator's behalf; only its hash is kept.
    ///
    /// # Errors
    /// [`KeyError::Invalid`], [`KeyError::PlanLimit`], [`KeyError::AccessLost`].
    pub async fn create(
        &self,
        tenant: TenantId,
        by: Option<&Person>,
        new: NewApiKey,
    ) -> Result<CreatedKey, KeyError> {
        let now = self.clock.now();
        let new = checked(new, now)?;
        let key = KeyText::generate(new.kind);
        let row = self.row(new, tenant, by.map(|by| by.user), &key, now);
        let transaction = self.database.begin_write().await?;
        plans::check_limit(&transaction, tenant, Limit::ApiKeys, now).await??;
        if let Some(person) = by {
            ensure_access(&transaction, person, now).await??;
        }
        let row = row.insert(&transaction).await?;
        delete_oldest_ended(&transaction, tenant, now).await?;
        transaction.commit().await?;
        Ok(CreatedKey {
            row,
            key: key.into_secret(),
        })
    }

    fn row(
        &self,
        new: NewApiKey,
        tenant: TenantId,
        by: Option<UserId>,
        key: &KeyText,
        now: Time,
    ) -> api_key::ActiveModel {
        api_key::ActiveModel {
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
            rotated_at: Set(None),
            replaced_by: Set(None),
        }
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

    /// Ends a key, and says whether it had not been ended before; twice is a success. This process refuses it at once, others when they hear of it, or within
    /// seconds when they do not.
    ///
    /// # Errors
    /// [`KeyError::NotFound`].
    pub async fn revoke(&self, tenant: TenantId, id: ApiKeyId) -> Result<bool, KeyError> {
        let connection = self.database.connection();
        let row = rotation::find(connection, tenant, id).await?;
        let revoked = api_key::Entity::update_of(tenant)
            .col_expr(api_key::Column::RevokedAt, Expr::value(self.clock.now()))
            .filter(api_key::Column::Id.eq(id))
            .filter(api_key::Column::RevokedAt.is_null())
            .exec(connection)
            .await?;
        self.announce_end(&row).await;
        Ok(revoked.rows_affected > 0)
    }

    /// Makes keys be refused at once that were ended with something else, in its transaction.
    pub async fn apply_revocations(&self, rows: &[api_key::Model]) {
        for row in rows {
            self.announce_end(row).await;
        }
    }

    /// What was noted of the key's last use goes with it, so it is written down before.
    async fn announce_end(&self, row: &api_key::Model) {
        self.flush_uses(&self.database).await;
        self.known.forget(&row.hash).await;
        self.changes.key_ends(row.id).await;
    }

    /// Whose key this is; from memory when it was seen lately, and then also while the database is
    /// away.
    ///
    /// # Errors
    /// [`KeyError::Malformed`] without a look-up, [`KeyError::Unknown`], [`KeyError::Revoked`],
    /// [`KeyError::Expired`], [`KeyError::Rotated`].
    pub async fn authenticate(&self, key: &str) -> Result<Arc<KeyCaller>, KeyError> {
        let text: KeyText = key.parse().map_err(|MalformedKey| KeyError::Malformed)?;
        let known = self.known.find(text.hash(&self.pepper)).await?;
        self.check(&known.copy)?;
        Ok(Arc::clone(&known.copy.caller))
    }

    /// The same without waiting: nothing when the key is not in memory, was not looked at for long, or
    /// is not valid.
    #[must_use]
    pub fn cached(&self, key: &str) -> Option<CachedKey> {
        let text: KeyText = key.parse().ok()?;
        let known = self.known.cached(text.hash(&self.pepper))?;
        self.check(&known.copy).ok()?;
        Some(CachedKey(known))
    }

    /// Whether a key that was at hand before is so still: it is in memory, needs no look-up, and is valid.
    #[must_use]
    pub fn is_still_cached(&self, key: &CachedKey) -> bool {
        self.known.is_servable(&key.0) && self.check(&key.0.copy).is_ok()
    }

    /// Only a use that opens something is noted.
    fn check(&self, known: &KeyEntry) -> Result<(), KeyError> {
        let now = self.clock.now();
        known.caller.check(now)?;
        known.used.note(now);
        Ok(())
    }
}

/// A valid key that was in memory.
pub struct CachedKey(Arc<CacheEntry<KeySource>>);

impl CachedKey {
    /// Whose key it is.
    #[must_use]
    pub fn caller(&self) -> &Arc<KeyCaller> {
        &self.0.copy.caller
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
    let allowed_origins = check.origins("allowed_origins", &new.allowed_origins, MOST_ORIGINS);
    check_end(&mut check, new.expires_at, now);
    check.finish().map_err(KeyError::Invalid)?;
    Ok(NewApiKey {
        name,
        scopes,
        allowed_origins,
        ..new
    })
}

fn check_end(check: &mut Check, end: Option<Time>, now: Time) {
    match end {
        Some(end) if end <= now => check.refuse("expires_at", "in_the_past", "must be in the future"),
        Some(end) if end > later(now, LONGEST_LIFE) => {
            check.refuse("expires_at", "too_far", "must be within ten years");
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use vitrine_base::clock::{Clock, SystemClock};

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

    #[test]
    fn a_key_ends_within_ten_years() {
        let now = SystemClock.now();
        let ending = |at| NewApiKey {
            expires_at: Some(at),
            ..wanted(KeyKind::Publishable, vec![])
        };

        assert_eq!(codes(ending(later(now, LONGEST_LIFE))), [] as [&str; 0]);
        assert_eq!(codes(ending(later(now, LONGEST_LIFE * 2))), ["too_far"]);
        assert_eq!(codes(ending(Time::MAX_UTC)), ["too_far"]);
        assert_eq!(codes(ending(Time::MIN_UTC)), ["in_the_past"]);
    }
}
