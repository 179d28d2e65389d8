//! The connection to Postgres or SQLite.

use sea_orm::{
    AccessMode, ConnectOptions, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, IsolationLevel,
    SqliteTransactionMode, TransactionOptions, TransactionTrait,
};
use secrecy::{ExposeSecret, SecretString};
use sqlx::sqlite::{SqliteJournalMode, SqliteSynchronous};
use std::time::Duration;

/// How long a statement waits for another writer of the same SQLite file.
const SQLITE_BUSY: Duration = Duration::from_secs(5);
/// SQLite's own advice for programs that stay open: gather what the planner needs, in bounded time.
/// Source: <https://www.sqlite.org/pragma.html#pragma_optimize>.
const LOOK_AT_ALL_TABLES: &str = "0x10002";
/// How long a request waits for a free connection.
const ACQUIRE: Duration = Duration::from_secs(5);
/// A connection that rested longer is tried before it is used.
const TEST_AFTER_IDLE: Duration = Duration::from_secs(5);

/// Where the data lives.
#[derive(Debug, Clone)]
pub struct DatabaseSettings {
    /// `postgres://…` or `sqlite://path`.
    pub url: SecretString,
    /// Most connections that one process opens.
    pub max_connections: u32,
}

/// The database; clones share the pool.
#[derive(Clone, Debug)]
pub struct Database {
    connection: DatabaseConnection,
}

impl Database {
    /// Opens the pool.
    ///
    /// # Errors
    /// When the server does not answer or the file cannot be opened.
    pub async fn connect(settings: &DatabaseSettings) -> Result<Self, DbErr> {
        let mut options = ConnectOptions::new(settings.url.expose_secret());
        options
            .max_connections(settings.max_connections)
            .acquire_timeout(ACQUIRE)
            .connect_timeout(ACQUIRE)
            .test_before_acquire_if_idle_for(TEST_AFTER_IDLE)
            .sqlx_logging(false)
            .map_sqlx_sqlite_opts(|sqlite| {
                sqlite
                    .create_if_missing(true)
                    .foreign_keys(true)
                    .journal_mode(SqliteJournalMode::Wal)
                    .synchronous(SqliteSynchronous::Normal)
                    .busy_timeout(SQLITE_BUSY)
                    .pragma("optimize", LOOK_AT_ALL_TABLES)
            });
        Ok(Self {
            connection: sea_orm::Database::connect(options).await?,
        })
    }

    /// The pool, for reads and single statements.
    #[must_use]
    pub fn connection(&self) -> &DatabaseConnection {
        &self.connection
    }

    /// Begins a transaction that will write.
    ///
    /// On SQLite it takes the writer's place at once: a transaction that read first and then asked
    /// for it would fail whenever another writer came between.
    ///
    /// # Errors
    /// When no connection is to be had.
    pub async fn begin_write(&self) -> Result<DatabaseTransaction, DbErr> {
        let options = TransactionOptions {
            sqlite_transaction_mode: (self.connection.get_database_backend() == DbBackend::Sqlite)
                .then_some(SqliteTransactionMode::Immediate),
            ..Default::default()
        };
        self.connection.begin_with_options(options).await
    }

    /// Begins a transaction whose reads all see the same moment.
    ///
    /// # Errors
    /// When no connection is to be had.
    pub async fn begin_read(&self) -> Result<DatabaseTransaction, DbErr> {
        let postgres = self.connection.get_database_backend() == DbBackend::Postgres;
        let options = TransactionOptions {
            isolation_level: postgres.then_some(IsolationLevel::RepeatableRead),
            access_mode: postgres.then_some(AccessMode::ReadOnly),
            ..Default::default()
        };
        self.connection.begin_with_options(options).await
    }

    /// Whether the database answers.
    ///
    /// # Errors
    /// When it does not.
    pub async fn ping(&self) -> Result<(), DbErr> {
        self.connection.ping().await
    }
}

/// Whether a write was refused because another row holds the same unique value.
#[must_use]
pub fn is_duplicate(error: &DbErr) -> bool {
    matches!(
        error.sql_err(),
        Some(sea_orm::SqlErr::UniqueConstraintViolation(_))
    )
}
