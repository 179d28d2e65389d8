//! Putting a new master key in the place of another.

use super::{
    MasterKey,
    data_key::DataKey,
    key_manager::{KeyError, KeyManager, POLL_INTERVAL, insert, wrap},
};
use crate::{clock::later, database::Transaction, security::installation};
use sea_orm::{ColumnTrait, PaginatorTrait, QueryFilter, sea_query::Expr};
use std::time::Duration;
use vitrine_entity::{
    InstallationOwned, Time,
    sealing_key::{self, KeyUse},
    sealing_key_wrap,
};

/// How long new keys wait before they are used: by then every running process has looked three times.
const SETTLING: Duration = POLL_INTERVAL
    .saturating_mul(3)
    .saturating_add(Duration::from_secs(1));

/// What a rotation began with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rotation {
    /// The new master key counts from now on; new keys are used from this moment on.
    Begun(Time),
    /// It counted before: what was interrupted goes on.
    GoesOn,
}

impl KeyManager {
    /// Makes the current master key the one that counts: wraps all keys under it, beside the previous ones, and makes
    /// new keys that seal and sign. All in one transaction; twice is safe.
    ///
    /// # Errors
    /// When a key is wrapped under a master key that was not given, or the database fails; nothing is changed then.
    pub async fn rotate(&self) -> Result<Rotation, KeyError> {
        let transaction = self.database.begin_write().await?;
        let is_new = installation::put_in_place(&transaction, &self.masters.current).await?;
        let keys = self.keys(&transaction).await?;
        if !is_new {
            transaction.rollback().await?;
            return Ok(Rotation::GoesOn);
        }
        for key in &keys {
            wrap(&transaction, key, &self.masters.current).await?;
        }
        let active_from = self.renew(&transaction).await?;
        transaction.commit().await?;
        Ok(Rotation::Begun(active_from))
    }

    /// New keys take the place of those that seal and sign; the lasting one stays.
    async fn renew(&self, transaction: &Transaction) -> Result<Time, KeyError> {
        let now = self.clock.now();
        let active_from = later(now, SETTLING);
        let wrapping = self.wrapping(transaction).await?;
        for key_use in [KeyUse::Seal, KeyUse::Sign] {
            sealing_key::Entity::update_rows()
                .col_expr(sealing_key::Column::RetiredAt, Expr::value(active_from))
                .filter(sealing_key::Column::KeyUse.eq(key_use))
                .filter(sealing_key::Column::RetiredAt.is_null())
                .exec(transaction)
                .await?;
            let key = DataKey::generate(key_use, active_from);
            insert(transaction, &key, now).await?;
            for master in &wrapping {
                wrap(transaction, &key, master).await?;
            }
        }
        Ok(active_from)
    }

    /// The master keys with which running processes may have been started.
    async fn wrapping(&self, transaction: &Transaction) -> Result<Vec<&MasterKey>, KeyError> {
        let wraps = sealing_key_wrap::Entity::rows().all(transaction).await?;
        let in_use = |master: &&MasterKey| {
            let id = master.id();
            wraps.iter().any(|wrap| wrap.master_key_id == id)
        };
        Ok(self.masters.all().filter(in_use).collect())
    }

    /// Makes all keys unreadable with any master key but the current one. Processes that were started with another go
    /// on with what they know, and do not start again.
    ///
    /// # Errors
    /// [`KeyError::NotInPlace`] when the current master key does not open everything, with nothing changed.
    pub async fn forget_previous(&self) -> Result<u64, KeyError> {
        let id = self.masters.current.id();
        let transaction = self.database.begin_write().await?;
        let keys = sealing_key::Entity::rows().count(&transaction).await?;
        let ours = sealing_key_wrap::Entity::rows()
            .filter(sealing_key_wrap::Column::MasterKeyId.eq(&id))
            .count(&transaction)
            .await?;
        if ours != keys || installation::known(&transaction).await?.as_ref() != Some(&id) {
            return Err(KeyError::NotInPlace);
        }
        let forgotten = sealing_key_wrap::Entity::delete_rows()
            .filter(sealing_key_wrap::Column::MasterKeyId.ne(&id))
            .exec(&transaction)
            .await?;
        transaction.commit().await?;
        Ok(forgotten.rows_affected)
    }
}
