//! Keys that were seen lately, kept in memory.

use super::{KeyCaller, KeyError, last_use::LastUse};
use crate::{News, heard};
use futures::StreamExt;
use sea_orm::{ColumnTrait, DbErr, EntityTrait, QueryFilter};
use std::{collections::HashMap, pin::pin, sync::Arc, time::Duration};
use tokio::sync::broadcast::Receiver;
use vitrine_base::{
    cache::{Bounds, Happenings, Held, Memory, Origin, Pace, Reading},
    clock::SharedClock,
    database::Database,
    query_batcher::Looks,
    values::padded,
};
use vitrine_entity::{ApiKeyId, api_key};

/// A key that nobody used for so long is forgotten; until then it is known while the database is away.
const FORGOTTEN_AFTER: Duration = Duration::from_hours(24);
const MOST_KEYS: u64 = 100_000;
/// Reads of a row while keys change all the time; the last one is doubtful.
const READS: usize = 4;

/// A key in memory.
pub(super) struct Known {
    pub(super) caller: Arc<KeyCaller>,
    pub(super) used: Arc<LastUse>,
}

/// Keys as the database has them.
pub(super) struct KeyRows {
    rows: Looks<blake3::Hash, Option<api_key::Model>>,
    ends: Happenings,
}

impl KeyRows {
    /// The key's row. One that changes while it is read is read again, since nobody could tell whether the
    /// change was seen.
    async fn read(&self, hash: blake3::Hash, pace: Pace) -> Result<Reading<Arc<KeyCaller>>, KeyError> {
        let mut ends = self.ends.count();
        let mut reading = self.read_once(hash, pace).await?;
        for _ in 1..READS {
            reading.doubtful = std::mem::replace(&mut ends, self.ends.count()) != ends;
            if !reading.doubtful {
                break;
            }
            reading = self.read_once(hash, Pace::Now).await?;
        }
        Ok(reading)
    }

    async fn read_once(&self, hash: blake3::Hash, pace: Pace) -> Result<Reading<Arc<KeyCaller>>, KeyError> {
        let row = self.rows.ask(hash, pace).await;
        let row = row.map_err(|failed| KeyError::Database(failed.into_cause()))?;
        let row = row.ok_or(KeyError::Unknown)?;
        Ok(Reading {
            copy: Arc::new(row.into()),
            doubtful: true,
        })
    }
}

impl Origin for KeyRows {
    type Key = blake3::Hash;
    type Copy = Known;
    type Error = KeyError;

    const NAME: &'static str = "a key";

    async fn load(&self, hash: &blake3::Hash) -> Result<Reading<Known>, KeyError> {
        let read = self.read(*hash, Pace::Now).await?;
        Ok(known(read, Arc::default()))
    }

    async fn newer(
        &self,
        hash: &blake3::Hash,
        copy: &Known,
        pace: Pace,
    ) -> Result<Option<Reading<Known>>, KeyError> {
        let read = self.read(*hash, pace).await?;
        let same = !read.doubtful && read.copy == copy.caller;
        Ok((!same).then(|| known(read, Arc::clone(&copy.used))))
    }

    fn is_gone(error: &KeyError) -> bool {
        !matches!(error, KeyError::Database(_))
    }
}

fn known(read: Reading<Arc<KeyCaller>>, used: Arc<LastUse>) -> Reading<Known> {
    Reading {
        copy: Known {
            caller: read.copy,
            used,
        },
        doubtful: read.doubtful,
    }
}

/// Keys by their hash.
#[derive(Clone)]
pub(super) struct KnownKeys(Memory<KeyRows>);

impl KnownKeys {
    pub(super) fn new(database: Database, clock: SharedClock) -> Self {
        let ends = Happenings::default();
        let rows = KeyRows {
            rows: Looks::new(move |hashes| rows_of(database.clone(), hashes)),
            ends: ends.clone(),
        };
        let bounds = Bounds::count(MOST_KEYS, FORGOTTEN_AFTER);
        Self(Memory::counting(rows, clock, bounds, ends))
    }

    /// Every key in memory.
    pub(super) fn all(&self) -> impl Iterator<Item = Arc<Held<KeyRows>>> {
        self.0.all()
    }

    /// A key that is known and can be believed without waiting.
    pub(super) fn at_hand(&self, hash: blake3::Hash) -> Option<Arc<Held<KeyRows>>> {
        self.0.at_hand(&hash)
    }

    /// Whether a key from before can still be believed without waiting.
    pub(super) fn can_be_believed(&self, known: &Arc<Held<KeyRows>>) -> bool {
        self.0.can_be_shown(known)
    }

    /// Whose key it is.
    pub(super) async fn find(&self, hash: blake3::Hash) -> Result<Arc<Held<KeyRows>>, KeyError> {
        self.0.get(&hash).await
    }

    /// Whoever shows it next has it looked up.
    pub(super) async fn forget(&self, hash: &str) {
        if let Ok(hash) = blake3::Hash::from_hex(hash) {
            self.0.forget(&hash).await;
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
                    News::Missed => keys.0.doubt_all(),
                    News::Changed(_) | News::FeedsOf(_) => {}
                }
            }
        });
    }

    async fn forget_by_id(&self, id: ApiKeyId) {
        // One that is being read is not among those in memory yet.
        self.0.mistrust_reads();
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
    let rows = api_key::Entity::find()
        .filter(api_key::Column::Hash.is_in(padded(texts.clone())))
        .all(database.connection())
        .await?;
    let rows: HashMap<String, api_key::Model> = rows.into_iter().map(|row| (row.hash.clone(), row)).collect();
    Ok(texts.iter().map(|text| rows.get(text).cloned()).collect())
}
