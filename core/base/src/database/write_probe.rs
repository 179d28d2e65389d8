//! Whether the database takes writes: a full disk, a standby and a file that is read only answer every read.

use super::Database;
use crate::clock::{Clock, SystemClock};
use sea_orm::{ActiveValue::Set, ConnectionTrait, DbBackend, DbErr, EntityTrait, sea_query::OnConflict};
use std::time::Duration;
use tokio::time::timeout;
use vitrine_entity::installation::{ActiveModel, Column, Entity, WRITTEN_AT};

/// SQLite has one writer; somebody who has its place for longer does write.
const TURN: Duration = Duration::from_secs(1);

/// Looks whether the database takes writes, by writing.
#[derive(Debug)]
pub struct WriteProbe {
    database: Database,
}

impl WriteProbe {
    /// A look at this database.
    #[must_use]
    pub fn new(database: Database) -> Self {
        Self { database }
    }

    /// Writes a row and waits until it is stored.
    ///
    /// # Errors
    /// When the database does not take it.
    pub async fn check(&self) -> Result<(), DbErr> {
        match self.database.connection().get_database_backend() {
            DbBackend::Sqlite => timeout(TURN, self.write()).await.unwrap_or(Ok(())),
            _ => self.write().await,
        }
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
