//! Keys that were seen lately, kept in memory.

use super::{KeyCaller, KeyError, last_use::LastUse};
use crate::{
    database::Database,
    feeds::{News, heard},
    freshness::Freshness,
    grouping::Group,
};
use futures::{FutureExt, StreamExt};
use moka::future::Cache;
use sea_orm::{ColumnTrait, DbErr, EntityTrait, QueryFilter};
use std::{
    collections::HashMap,
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};
use tokio::sync::broadcast::Receiver;
use vitrine_entity::{ApiKeyId, api_key};

/// A key that nobody used for so long is forgotten; until then it is known while the database is away.
const FORGOTTEN_AFTER: Duration = Duration::from_hours(24);
const MOST_KEYS: u64 = 100_000;
/// Reads of a row while keys change all the time; the last one is doubted.
const READS: usize = 4;

/// A key in memory.
pub(super) struct Known {
    pub(super) caller: Arc<KeyCaller>,
    pub(super) used: Arc<LastUse>,
    freshness: Freshness,
}

impl Known {
    fn new(row: api_key::Model, used: Arc<LastUse>) -> Arc<Self> {
        Arc::new(Self {
            caller: Arc::new(row.into()),
            used,
            freshness: Freshness::new(),
        })
    }
}

/// Keys by their hash. A cold key is looked up once for all who ask; a stale one is served and
/// looked up meanwhile; while the database is away, what is known stays known.
#[derive(Clone)]
pub(super) struct KnownKeys {
    rows: Group<blake3::Hash, Option<api_key::Model>>,
    known: Cache<blake3::Hash, Arc<Known>>,
    epoch: Arc<AtomicU64>,
}

impl KnownKeys {
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

    /// Every key in memory.
    pub(super) fn all(&self) -> impl Iterator<Item = Arc<Known>> {
        self.known.iter().map(|(_, known)| known)
    }

    /// A key that is known and can be believed without waiting; looked up again behind the caller's back
    /// where that is due.
    pub(super) fn at_hand(&self, hash: blake3::Hash) -> Option<Arc<Known>> {
        let known = self.known.get(&hash).now_or_never()??;
        let again = || self.clone().look_again(hash, known.clone());
        known.freshness.can_be_shown(again).then_some(known)
    }

    /// Whose key it is. One that was not looked up for long is looked up first, once for all who wait.
    pub(super) async fn find(&self, hash: blake3::Hash) -> Result<Arc<Known>, KeyError> {
        let known = self.known_or_loaded(hash).await?;
        let again = || self.clone().look_again(hash, known.clone());
        let first = || self.clone().look_once(hash, known.clone());
        let looked = known.freshness.see_to(again, first).await;
        looked.unwrap_or(Ok(known))
    }

    async fn known_or_loaded(&self, hash: blake3::Hash) -> Result<Arc<Known>, KeyError> {
        let load = self.load(hash, Arc::default());
        let known = self.known.try_get_with(hash, load).await;
        known.map_err(|error| match &*error {
            KeyError::Database(cause) => KeyError::Database(cause.clone()),
            _ => KeyError::Unknown,
        })
    }

    /// Looks up, unless somebody else did while this one waited for the turn.
    async fn look_once(self, hash: blake3::Hash, known: Arc<Known>) -> Result<Arc<Known>, KeyError> {
        let _turn = known.freshness.turn().await;
        let current = self.known_or_loaded(hash).await?;
        if current.freshness.is_overdue() {
            self.look_again(hash, current).await
        } else {
            Ok(current)
        }
    }

    /// The next who shows it has it looked up.
    pub(super) async fn forget(&self, hash: &str) {
        if let Ok(hash) = blake3::Hash::from_hex(hash) {
            // In this order, so that whoever reads the row meanwhile reads it again.
            self.epoch.fetch_add(1, Ordering::AcqRel);
            self.known.invalidate(&hash).await;
        }
    }

    /// Heeds what other processes say about keys. When their news were missed, every key is doubted.
    pub(super) fn heed(&self, news: Receiver<News>) {
        let keys = self.clone();
        tokio::spawn(async move {
            let mut news = pin!(heard(news));
            while let Some(told) = news.next().await {
                match told {
                    News::KeyEnds(id) => keys.forget_by_id(id).await,
                    News::Missed => keys.doubt_all(),
                    News::Changed(_) => {}
                }
            }
        });
    }

    async fn forget_by_id(&self, id: ApiKeyId) {
        self.epoch.fetch_add(1, Ordering::AcqRel);
        let found = self.known.iter().find(|(_, known)| known.caller.id == id);
        if let Some((hash, _)) = found {
            self.known.invalidate(&*hash).await;
        }
    }

    fn doubt_all(&self) {
        for known in self.all() {
            known.freshness.doubt();
        }
        self.epoch.fetch_add(1, Ordering::AcqRel);
    }

    /// The key's row. One that changes while it is read is read again, since nobody could tell whether the
    /// change was seen.
    async fn load(&self, hash: blake3::Hash, used: Arc<LastUse>) -> Result<Arc<Known>, KeyError> {
        let mut epoch = self.epoch();
        for _ in 1..READS {
            let known = self.read(hash, &used).await?;
            let read = std::mem::replace(&mut epoch, self.epoch());
            if read == epoch {
                return Ok(known);
            }
        }
        let known = self.read(hash, &used).await?;
        known.freshness.doubt();
        Ok(known)
    }

    /// Those who look at the same time share one statement.
    async fn read(&self, hash: blake3::Hash, used: &Arc<LastUse>) -> Result<Arc<Known>, KeyError> {
        let row = self.rows.ask(hash).await;
        let row = row.map_err(|failed| KeyError::Database(failed.into_cause()))?;
        let row = row.ok_or(KeyError::Unknown)?;
        Ok(Known::new(row, Arc::clone(used)))
    }

    /// The key as it is now; as it was known while the database is away.
    async fn look_again(self, hash: blake3::Hash, known: Arc<Known>) -> Result<Arc<Known>, KeyError> {
        match self.load(hash, Arc::clone(&known.used)).await {
            Ok(fresh) => {
                self.known.insert(hash, fresh.clone()).await;
                if fresh.caller != known.caller {
                    self.epoch.fetch_add(1, Ordering::AcqRel);
                }
                Ok(fresh)
            }
            Err(KeyError::Database(error)) => {
                tracing::warn!(error = %error, "a key could not be looked up again; the known one stays");
                known.freshness.fail();
                Ok(known)
            }
            Err(error) => {
                self.epoch.fetch_add(1, Ordering::AcqRel);
                self.known.invalidate(&hash).await;
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
