//! Whether the database takes writes: a full disk, a standby and a file that is read only answer every read.

use crate::{
    clock::{Clock, SystemClock},
    database::Database,
};
use sea_orm::{ActiveValue::Set, ConnectionTrait, DbBackend, DbErr, EntityTrait, sea_query::OnConflict};
use std::time::Duration;
use tokio::{
    sync::Mutex,
    time::{Instant, timeout},
};
use vitrine_entity::installation::{ActiveModel, Column, Entity, WRITTEN_AT};

/// Whoever asks within this time is given the last answer, if it was good.
const FRESH: Duration = Duration::from_secs(1);
/// SQLite has one writer; somebody who has its place for longer does write.
const TURN: Duration = Duration::from_secs(1);

/// Looks whether the database takes writes, by writing.
#[derive(Debug)]
pub struct Writes {
    database: Database,
    good: Mutex<Option<Instant>>,
}

impl Writes {
    /// A look at this database.
    #[must_use]
    pub fn new(database: Database) -> Self {
        Self {
            database,
            good: Mutex::new(None),
        }
    }

    /// Writes a row and waits until it is stored.
    ///
    /// # Errors
    /// When the database does not take it.
    pub async fn check(&self) -> Result<(), DbErr> {
        let mut good = self.good.lock().await;
        if good.is_some_and(|at| at.elapsed() < FRESH) {
            return Ok(());
        }
        *good = None;
        match self.database.connection().get_database_backend() {
            DbBackend::Sqlite => timeout(TURN, self.write()).await.unwrap_or(Ok(()))?,
            _ => self.write().await?,
        }
        *good = Some(Instant::now());
        Ok(())
    }

    async fn write(&self) -> Result<(), DbErr> {
        let row = ActiveModel {
            name: Set(WRITTEN_AT.to_owned()),
            value: Set(SystemClock.now().to_rfc3339()),
        };
        let newest = OnConflict::column(Column::Name)
            .update_column(Column::Value)
            .to_owned();
        Entity::insert(row)
            .on_conflict(newest)
            .exec_without_returning(self.database.connection())
            .await
            .map(drop)
    }
}
