//! Keys that were seen lately, kept in memory.

use super::{KeyCaller, KeyError, last_use::LastUse};
use crate::{ChangeEvent, event_stream};
use futures::StreamExt;
use sea_orm::{ColumnTrait, DbErr, QueryFilter};
use std::{collections::HashMap, pin::pin, sync::Arc, time::Duration};
use tokio::sync::broadcast::Receiver;
use vitrine_base::{
    cache::{CacheEntry, Capacity, Epoch, Loaded, RevalidatingCache, Source, Urgency},
    clock::SharedClock,
    database::{Database, PriorityBatcher, padded},
};
use vitrine_entity::{ApiKeyId, TenantOwned, api_key};

/// A key that nobody used for so long is forgotten; until then it is known while the database is away.
const FORGOTTEN_AFTER: Duration = Duration::from_hours(24);
const MOST_KEYS: u64 = 100_000;
/// Reads of a row while keys change all the time; the last one is doubtful.
const READS: usize = 4;

/// A key in memory.
pub(super) struct KeyEntry {
    pub(super) caller: Arc<KeyCaller>,
    pub(super) used: Arc<LastUse>,
}

/// Keys as the database has them.
pub(super) struct KeySource {
    rows: PriorityBatcher<blake3::Hash, Option<api_key::Model>>,
    ends: Epoch,
}

impl KeySource {
    /// The key's row. One that changes while it is read is read again, since nobody could tell whether the
    /// change was seen.
    async fn read(&self, hash: blake3::Hash, urgency: Urgency) -> Result<Loaded<Arc<KeyCaller>>, KeyError> {
        let mut ends = self.ends.current();
        let mut reading = self.read_once(hash, urgency).await?;
        for _ in 1..READS {
            reading.maybe_stale = std::mem::replace(&mut ends, self.ends.current()) != ends;
            if !reading.maybe_stale {
                break;
            }
            reading = self.read_once(hash, Urgency::Now).await?;
        }
        Ok(reading)
    }

    async fn read_once(
        &self,
        hash: blake3::Hash,
        urgency: Urgency,
    ) -> Result<Loaded<Arc<KeyCaller>>, KeyError> {
        let row = self.rows.submit(hash, urgency).await;
        let row = row.map_err(|failed| KeyError::Database(failed.into_cause()))?;
        let row = row.ok_or(KeyError::Unknown)?;
        Ok(Loaded {
            copy: Arc::new(row.into()),
            maybe_stale: true,
        })
    }
}

impl Source for KeySource {
    type Key = blake3::Hash;
    type Value = KeyEntry;
    type Error = KeyError;

    const NAME: &'static str = "a key";

    async fn load(&self, hash: &blake3::Hash) -> Result<Loaded<KeyEntry>, KeyError> {
        let read = self.read(*hash, Urgency::Now).await?;
        Ok(known(read, Arc::default()))
    }

    async fn load_if_changed(
        &self,
        hash: &blake3::Hash,
        copy: &KeyEntry,
        urgency: Urgency,
    ) -> Result<Option<Loaded<KeyEntry>>, KeyError> {
        let read = self.read(*hash, urgency).await?;
        let same = !read.maybe_stale && read.copy == copy.caller;
        Ok((!same).then(|| known(read, Arc::clone(&copy.used))))
    }

    fn is_gone(error: &KeyError) -> bool {
        !matches!(error, KeyError::Database(_))
    }
}

fn known(read: Loaded<Arc<KeyCaller>>, used: Arc<LastUse>) -> Loaded<KeyEntry> {
    Loaded {
        copy: KeyEntry {
            caller: read.copy,
            used,
        },
        maybe_stale: read.maybe_stale,
    }
}

/// Keys by their hash.
#[derive(Clone)]
pub(super) struct KeyCache(RevalidatingCache<KeySource>);

impl KeyCache {
    pub(super) fn new(database: Database, clock: SharedClock) -> Self {
        let ends = Epoch::default();
        let rows = KeySource {
            rows: PriorityBatcher::new(move |hashes| rows_of(database.clone(), hashes)),
            ends: ends.clone(),
        };
        let bounds = Capacity::entries(MOST_KEYS, FORGOTTEN_AFTER);
        Self(RevalidatingCache::counting(rows, clock, bounds, ends))
    }

    /// Every key in memory.
    pub(super) fn all(&self) -> impl Iterator<Item = Arc<CacheEntry<KeySource>>> {
        self.0.all()
    }

    /// A key that is known and can be believed without waiting.
    pub(super) fn cached(&self, hash: blake3::Hash) -> Option<Arc<CacheEntry<KeySource>>> {
        self.0.cached(&hash)
    }

    /// Whether a key from before can still be believed without waiting.
    pub(super) fn is_servable(&self, known: &Arc<CacheEntry<KeySource>>) -> bool {
        self.0.is_servable(known)
    }

    /// Whose key it is.
    pub(super) async fn find(&self, hash: blake3::Hash) -> Result<Arc<CacheEntry<KeySource>>, KeyError> {
        self.0.get(&hash).await
    }

    /// Whoever shows it next has it looked up.
    pub(super) async fn forget(&self, hash: &str) {
        if let Ok(hash) = blake3::Hash::from_hex(hash) {
            self.0.forget(&hash).await;
        }
    }

    /// Heeds what other processes say about keys, until nobody says anything any more. When their news were missed,
    /// every key is doubted.
    pub(super) fn follow(&self, news: Receiver<ChangeEvent>) -> impl Future<Output = ()> + Send + use<> {
        let keys = self.clone();
        async move {
            let mut news = pin!(event_stream(news));
            while let Some(told) = news.next().await {
                match told {
                    ChangeEvent::KeyEnds(id) => keys.forget_by_id(id).await,
                    ChangeEvent::Missed => keys.0.mark_all_stale(),
                    ChangeEvent::Changed(_) | ChangeEvent::FeedsOf(_) => {}
                }
            }
        }
    }

    async fn forget_by_id(&self, id: ApiKeyId) {
        // One that is being read is not among those in memory yet.
        self.0.invalidate_reads();
        let found = self.all().find(|known| known.copy.caller.id == id);
        if let Some(known) = found {
            self.0.forget(&known.key).await;
        }
    }
}

/// Keys by their hashes, in the order of the hashes.
async fn rows_of(
    database: Database,
    hashes: Vec<blake3::Hash>,
) -> Result<Vec<Option<api_key::Model>>, DbErr> {
    let texts: Vec<String> = hashes.iter().map(|hash| hash.to_hex().to_string()).collect();
    let rows = api_key::Entity::across_tenants()
        .filter(api_key::Column::Hash.is_in(padded(texts.clone())))
        .all(database.connection())
        .await?;
    let rows: HashMap<String, api_key::Model> = rows.into_iter().map(|row| (row.hash.clone(), row)).collect();
    Ok(texts.iter().map(|text| rows.get(text).cloned()).collect())
}
