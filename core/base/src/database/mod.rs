//! The connection to Postgres or SQLite.

mod connection;
mod errors;
mod file;
mod pool;
mod pool_health;
mod query_batcher;
mod safe_time;
mod settings;
mod transaction;
mod values;
mod write_probe;

pub use connection::Connection;
pub use errors::{cause, is_duplicate, is_reference_broken, is_unavailable, is_undeclared_pooler, within};
pub use pool::PoolUse;
pub use query_batcher::{BatchFailed, PriorityBatcher, QueryBatcher, Urgency};
pub use safe_time::SafeTime;
pub use settings::{DatabaseSettings, Pooler};
pub use transaction::Transaction;
pub use values::{padded, statement_over};
pub use write_probe::WriteProbe;

use pool::Pool;
use pool_health::PoolHealth;
use safe_time::KnownTime;
use sea_orm::{
    AccessMode, ConnectionTrait, DatabaseConnection, DbBackend, DbErr, IsolationLevel, SqliteTransactionMode,
    TransactionOptions,
};
use secrecy::ExposeSecret;
use std::sync::Arc;

/// The database; clones share the pool.
#[derive(Clone, Debug)]
pub struct Database {
    connection: Connection,
    settings: DatabaseSettings,
    known_time: Arc<KnownTime>,
}

impl Database {
    /// Opens the pool.
    ///
    /// # Errors
    /// When the server does not answer or the file cannot be opened.
    pub async fn connect(settings: &DatabaseSettings) -> Result<Self, DbErr> {
        let health = match settings.url.expose_secret().starts_with("sqlite:") {
            true => PoolHealth::over_file(),
            false => PoolHealth::over_server(),
        };
        Self::open(settings, Arc::new(health)).await
    }

    async fn open(settings: &DatabaseSettings, health: Arc<PoolHealth>) -> Result<Self, DbErr> {
        Ok(Self {
            connection: Connection {
                pool: Pool::open(settings, health).await?,
            },
            settings: settings.clone(),
            known_time: Arc::default(),
        })
    }

    /// The same database through one connection of its own.
    ///
    /// A connection is driven by the thread that opened it: when threads end, what was asked over theirs
    /// may be done without its answer ever arriving.
    ///
    /// # Errors
    /// When the server does not answer or the file cannot be opened.
    pub async fn dedicated(&self) -> Result<Self, DbErr> {
        let settings = DatabaseSettings {
            max_connections: 1,
            ..self.settings.clone()
        };
        Ok(Self {
            known_time: Arc::clone(&self.known_time),
            ..Self::open(&settings, Arc::clone(&self.connection.pool.health)).await?
        })
    }

    /// What this process knows of the time in the database.
    pub fn known_time(&self) -> &Arc<KnownTime> {
        &self.known_time
    }

    /// The way to the database for reads and single statements.
    #[must_use]
    pub fn connection(&self) -> &Connection {
        &self.connection
    }

    /// The driver's own pool, for migrations and for tools that measure: nothing limits what it is asked.
    #[must_use]
    pub fn driver(&self) -> &DatabaseConnection {
        &self.connection.pool.driver
    }

    /// How much of the pool is in use.
    #[must_use]
    pub fn pool(&self) -> PoolUse {
        self.connection.pool.in_use(self.settings.max_connections)
    }

    /// Begins a transaction that will write.
    ///
    /// On SQLite it takes the writer's place at once: a transaction that read first and then asked
    /// for it would fail whenever another writer came between.
    ///
    /// # Errors
    /// When no connection is to be had.
    pub async fn begin_write(&self) -> Result<Transaction, DbErr> {
        let options = TransactionOptions {
            sqlite_transaction_mode: (self.connection.get_database_backend() == DbBackend::Sqlite)
                .then_some(SqliteTransactionMode::Immediate),
            ..Default::default()
        };
        Transaction::begin(&self.connection.pool, options).await
    }

    /// Begins a transaction whose reads all see the same moment.
    ///
    /// # Errors
    /// When no connection is to be had.
    pub async fn begin_read(&self) -> Result<Transaction, DbErr> {
        let postgres = self.connection.get_database_backend() == DbBackend::Postgres;
        let options = TransactionOptions {
            isolation_level: postgres.then_some(IsolationLevel::RepeatableRead),
            access_mode: postgres.then_some(AccessMode::ReadOnly),
            ..Default::default()
        };
        Transaction::begin(&self.connection.pool, options).await
    }

    /// Closes the pool, once every connection was given back.
    pub async fn close(&self) {
        if let Err(error) = self.driver().close_by_ref().await {
            tracing::debug!(error = %error, "the database was not closed");
        }
    }

    /// Whether the database answers.
    ///
    /// # Errors
    /// When it does not.
    pub async fn ping(&self) -> Result<(), DbErr> {
        let Pool { driver, health, .. } = &self.connection.pool;
        health.answer(driver.ping()).await
    }
}

#[cfg(test)]
mod tests;
