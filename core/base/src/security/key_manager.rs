//! Reads the installation's keys from the database, makes the first ones, and keeps memory up to date.

use super::{
    KeyRing, MasterKey, MasterKeys,
    cipher::CipherError,
    data_key::{DataKey, initial_keys},
    ring::KeySet,
};
use crate::{
    clock::SharedClock,
    database::{Database, is_duplicate},
    security::installation::{self, InstallationError},
};
use sea_orm::{ActiveValue::Set, ConnectionTrait, DbErr, EntityTrait, QueryOrder, sea_query::OnConflict};
use std::time::Duration;
use vitrine_entity::{
    InstallationOwned, Time,
    sealing_key::{self, KeyUse},
    sealing_key_wrap,
};

/// How often a process looks whether there are new keys.
pub(super) const POLL_INTERVAL: Duration = Duration::from_secs(3);

/// Why the installation's keys cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// This process must not run on this database.
    #[error(transparent)]
    Installation(#[from] InstallationError),
    /// Some keys are there and others are not.
    #[error("the database lacks keys of the installation")]
    Incomplete,
    /// The current master key does not open everything yet.
    #[error("the new master key is not in use yet: run `vitrine admin rotate-master-key` first")]
    NotInPlace,
    /// A stored key is damaged.
    #[error("a key of the installation is damaged")]
    Damaged(#[from] CipherError),
    /// The database failed.
    #[error("the database failed")]
    Database(#[from] DbErr),
}

/// Looks after the keys in the database.
#[derive(Clone, Debug)]
pub struct KeyManager {
    pub(super) database: Database,
    pub(super) clock: SharedClock,
    pub(super) masters: MasterKeys,
}

impl KeyManager {
    /// A keeper with these master keys.
    #[must_use]
    pub fn new(database: Database, clock: SharedClock, masters: MasterKeys) -> Self {
        Self {
            database,
            clock,
            masters,
        }
    }

    /// The keys of this database, which are made when it has none. Twice is safe, also at once.
    ///
    /// # Errors
    /// When the database was set up with another master key, or fails.
    pub async fn open(&self) -> Result<KeyRing, KeyError> {
        installation::claim(&self.database, &self.masters).await?;
        let mut keys = self.read(self.database.connection()).await?;
        if keys.is_none() {
            self.found().await?;
            keys = self.read(self.database.connection()).await?;
        }
        let keys = keys.ok_or(KeyError::Incomplete)?;
        Ok(KeyRing::new(keys, self.clock.clone()))
    }

    /// Looks for new keys for as long as it is run; what is in memory stays when they cannot be read.
    pub async fn keep_fresh(self, ring: KeyRing) {
        let mut readable = true;
        loop {
            tokio::time::sleep(POLL_INTERVAL).await;
            readable = self.poll(&ring, readable).await;
        }
    }

    /// Whether the keys could be read; says so once when that changes.
    pub async fn poll(&self, ring: &KeyRing, was_readable: bool) -> bool {
        match self.read(self.database.connection()).await {
            Ok(Some(keys)) => {
                ring.replace(keys);
                true
            }
            Err(KeyError::Installation(error)) => {
                if was_readable {
                    tracing::error!(
                        %error,
                        "this process was started with a master key that was given up; it goes on with the keys it \
                         knows, and must be started again with the new one"
                    );
                }
                false
            }
            Ok(None) => was_readable,
            Err(error) => {
                tracing::debug!(%error, "the keys could not be read");
                was_readable
            }
        }
    }

    /// All keys, when there is one of each use.
    async fn read(&self, connection: &impl ConnectionTrait) -> Result<Option<KeySet>, KeyError> {
        self.keys(connection).await.map(KeySet::of)
    }

    /// All keys, oldest first.
    pub(super) async fn keys(&self, connection: &impl ConnectionTrait) -> Result<Vec<DataKey>, KeyError> {
        let rows = sealing_key::Entity::rows()
            .order_by_asc(sealing_key::Column::ActiveFrom)
            .all(connection)
            .await?;
        let wraps = sealing_key_wrap::Entity::rows().all(connection).await?;
        rows.into_iter().map(|row| self.opened(row, &wraps)).collect()
    }

    fn opened(
        &self,
        row: sealing_key::Model,
        wraps: &[sealing_key_wrap::Model],
    ) -> Result<DataKey, KeyError> {
        let ours = self.masters.all().find_map(|master| {
            let id = master.id();
            let wrap = wraps
                .iter()
                .find(|wrap| wrap.key_id == row.id && wrap.master_key_id == id)?;
            Some((master, wrap))
        });
        let Some((master, wrap)) = ours else {
            let under = wraps.iter().find(|wrap| wrap.key_id == row.id);
            return Err(KeyError::Installation(InstallationError::OtherMasterKey {
                known: under.map(|wrap| wrap.master_key_id.clone()).unwrap_or_default(),
                given: self.masters.current.id(),
            }));
        };
        let secret = DataKey::unwrap(master, &row.id, row.key_use, &wrap.wrapped)?;
        let mut key = DataKey::of(row.id, row.key_use, row.active_from, secret);
        key.retired_at = row.retired_at;
        Ok(key)
    }

    /// Makes the first keys. A database that was used before it had keys of its own goes on with those that were
    /// derived from the master key, so that nothing that they sealed or signed is lost.
    async fn found(&self) -> Result<(), KeyError> {
        let now = self.clock.now();
        let transaction = self.database.begin_write().await?;
        let known = installation::known(&transaction).await?;
        let mut masters = self.masters.all();
        let Some(master) = masters.find(|master| known == Some(master.id())) else {
            return Err(KeyError::Incomplete);
        };
        let keys = match installation::founding_master_key(&transaction).await? {
            Some(_) => initial_keys(master, now),
            None => {
                [KeyUse::Seal, KeyUse::Sign, KeyUse::Lasting].map(|key_use| DataKey::generate(key_use, now))
            }
        };
        let written = write(&transaction, &keys, master, now).await;
        match written {
            Ok(()) => Ok(transaction.commit().await?),
            Err(KeyError::Database(error)) if is_duplicate(&error) => Ok(transaction.rollback().await?),
            Err(error) => Err(error),
        }
    }
}

async fn write(
    transaction: &impl ConnectionTrait,
    keys: &[DataKey],
    master: &MasterKey,
    now: Time,
) -> Result<(), KeyError> {
    for key in keys {
        insert(transaction, key, now).await?;
        wrap(transaction, key, master).await?;
    }
    Ok(())
}

/// Writes a key's row, without the key itself.
pub(super) async fn insert(connection: &impl ConnectionTrait, key: &DataKey, now: Time) -> Result<(), DbErr> {
    let row = sealing_key::ActiveModel {
        id: Set(key.id.clone()),
        key_use: Set(key.key_use),
        created_at: Set(now),
        active_from: Set(key.active_from),
        retired_at: Set(key.retired_at),
    };
    sealing_key::Entity::insert(row)
        .exec_without_returning(connection)
        .await
        .map(drop)
}

/// Makes a key readable with this master key; twice is safe.
pub(super) async fn wrap(
    connection: &impl ConnectionTrait,
    key: &DataKey,
    master: &MasterKey,
) -> Result<(), KeyError> {
    let row = sealing_key_wrap::ActiveModel {
        key_id: Set(key.id.clone()),
        master_key_id: Set(master.id()),
        wrapped: Set(key.wrap(master)?),
    };
    let columns = [
        sealing_key_wrap::Column::KeyId,
        sealing_key_wrap::Column::MasterKeyId,
    ];
    sealing_key_wrap::Entity::insert(row)
        .on_conflict(OnConflict::columns(columns).do_nothing().to_owned())
        .exec_without_returning(connection)
        .await?;
    Ok(())
}
