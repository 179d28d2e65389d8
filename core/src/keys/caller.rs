//! Keys that were seen lately, kept in memory.

use super::{KeyError, Scope};
use crate::{database::Database, freshness::Freshness, grouping::Group};
use futures::FutureExt;
use moka::future::Cache;
use sea_orm::{ColumnTrait, DbErr, EntityTrait, QueryFilter};
use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};
use vitrine_entity::{
    ApiKeyId, TenantId, Time,
    api_key::{self, KeyKind},
};

/// A key that nobody used for so long is forgotten; until then it is known while the database is away.
const FORGOTTEN_AFTER: Duration = Duration::from_hours(24);
const MOST_KEYS: u64 = 100_000;

/// Whoever holds a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyCaller {
    /// The key.
    pub id: ApiKeyId,
    /// Whose key it is.
    pub tenant: TenantId,
    /// Where it is kept.
    pub kind: KeyKind,
    /// What it opens.
    pub scopes: Vec<Scope>,
    /// Origins it may be used from; empty means any.
    pub allowed_origins: Vec<String>,
    /// When it ends by itself.
    pub expires_at: Option<Time>,
    pub(super) revoked: bool,
}

impl From<api_key::Model> for KeyCaller {
    fn from(row: api_key::Model) -> Self {
        Self {
            id: row.id,
            tenant: row.tenant_id,
            kind: row.kind,
            scopes: row
                .scopes
                .0
                .iter()
                .filter_map(|scope| scope.parse().ok())
                .collect(),
            allowed_origins: row.allowed_origins.0,
            expires_at: row.expires_at,
            revoked: row.revoked_at.is_some(),
        }
    }
}

struct Known {
    caller: Arc<KeyCaller>,
    freshness: Freshness,
}

impl Known {
    fn new(row: api_key::Model) -> Arc<Self> {
        Arc::new(Self {
            caller: Arc::new(row.into()),
            freshness: Freshness::new(),
        })
    }
}

/// Keys by their hash. A cold key is looked up once for all who ask; a stale one is served and
/// looked up meanwhile; while the database is away, what is known stays known.
#[derive(Clone)]
pub(super) struct KeyCache {
    rows: Group<blake3::Hash, Option<api_key::Model>>,
    known: Cache<blake3::Hash, Arc<Known>>,
    epoch: Arc<AtomicU64>,
}

impl KeyCache {
    pub(super) fn new(database: Database) -> Self {
        let known = Cache::builder()
            .max_capacity(MOST_KEYS)
            .time_to_idle(FORGOTTEN_AFTER)
            .build();
        Self {
            rows: Group::new(move |hashes| rows_of(database.clone(), hashes)),
            known,
            epoch: Arc::default(),
        }
    }

    pub(super) fn epoch(&self) -> u64 {
        self.epoch.load(Ordering::Acquire)
    }

    /// A key that is known and can be believed without waiting; looked up again behind the caller's back
    /// where that is due.
    pub(super) fn at_hand(&self, hash: blake3::Hash) -> Option<Arc<KeyCaller>> {
        let known = self.known.get(&hash).now_or_never()??;
        let again = || self.clone().look_again(hash, known.clone());
        let believed = known.freshness.can_be_shown(again);
        believed.then(|| Arc::clone(&known.caller))
    }

    /// Whose key it is. One that was not looked up for long is looked up first, once for all who wait.
    pub(super) async fn find(&self, hash: blake3::Hash) -> Result<Arc<KeyCaller>, KeyError> {
        let known = self.known_or_loaded(hash).await?;
        let again = || self.clone().look_again(hash, known.clone());
        let first = || self.clone().look_once(hash, known.clone());
        let looked = known.freshness.see_to(again, first).await;
        looked.unwrap_or_else(|| Ok(Arc::clone(&known.caller)))
    }

    async fn known_or_loaded(&self, hash: blake3::Hash) -> Result<Arc<Known>, KeyError> {
        let known = self.known.try_get_with(hash, self.load(hash)).await;
        known.map_err(|error| match &*error {
            KeyError::Database(cause) => KeyError::Database(cause.clone()),
            _ => KeyError::Unknown,
        })
    }

    /// Looks up, unless somebody else did while this one waited for the turn.
    async fn look_once(self, hash: blake3::Hash, known: Arc<Known>) -> Result<Arc<KeyCaller>, KeyError> {
        let _turn = known.freshness.turn().await;
        let current = self.known_or_loaded(hash).await?;
        if current.freshness.is_overdue() {
            self.look_again(hash, current).await
        } else {
            Ok(Arc::clone(&current.caller))
        }
    }

    pub(super) async fn forget(&self, hash: &str) {
        if let Ok(hash) = blake3::Hash::from_hex(hash) {
            self.known.invalidate(&hash).await;
            self.epoch.fetch_add(1, Ordering::AcqRel);
        }
    }

    /// Those who look at the same time share one statement.
    async fn load(&self, hash: blake3::Hash) -> Result<Arc<Known>, KeyError> {
        let row = self.rows.ask(hash).await;
        let row = row.map_err(|failed| KeyError::Database(failed.into_cause()))?;
        row.map(Known::new).ok_or(KeyError::Unknown)
    }

    /// The key as it is now; as it was known while the database is away.
    async fn look_again(self, hash: blake3::Hash, known: Arc<Known>) -> Result<Arc<KeyCaller>, KeyError> {
        match self.load(hash).await {
            Ok(fresh) => {
                self.known.insert(hash, fresh.clone()).await;
                if fresh.caller != known.caller {
                    self.epoch.fetch_add(1, Ordering::AcqRel);
                }
                Ok(Arc::clone(&fresh.caller))
            }
            Err(KeyError::Database(error)) => {
                tracing::warn!(error = %error, "a key could not be looked up again; the known one stays");
                known.freshness.fail();
                Ok(Arc::clone(&known.caller))
            }
            Err(error) => {
                self.known.invalidate(&hash).await;
                self.epoch.fetch_add(1, Ordering::AcqRel);
                Err(error)
            }
        }
    }
}

/// Keys by their hashes, in the order of the hashes.
async fn rows_of(
    database: Database,
    hashes: Vec<blake3::Hash>,
) -> Result<Vec<Option<api_key::Model>>, DbErr> {
    let texts: Vec<String> = hashes.iter().map(|hash| hash.to_hex().to_string()).collect();
    let rows = api_key::Entity::find()
        .filter(api_key::Column::Hash.is_in(texts.iter().map(String::as_str)))
        .all(database.connection())
        .await?;
    let rows: HashMap<String, api_key::Model> = rows.into_iter().map(|row| (row.hash.clone(), row)).collect();
    Ok(texts.iter().map(|text| rows.get(text).cloned()).collect())
}
