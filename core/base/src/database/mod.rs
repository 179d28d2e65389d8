//! The connection to Postgres or SQLite.

mod connection;
mod errors;
mod file;
mod pool_health;
mod safe_time;
mod transaction;

pub use connection::Connection;
pub use errors::within;
pub use errors::{cause, is_duplicate, is_reference_broken, is_unavailable, is_undeclared_pooler};
pub use safe_time::SafeTime;
pub use transaction::Transaction;

use pool_health::{PoolHealth, with_health_checks};
use safe_time::KnownTime;
use sea_orm::{
    AccessMode, ConnectOptions, ConnectionTrait, DatabaseConnection, DbBackend, DbErr, IsolationLevel,
    SqliteTransactionMode, TransactionOptions,
};
use secrecy::{ExposeSecret, SecretString};
use sqlx::sqlite::{SqliteJournalMode, SqliteSynchronous};
use std::{sync::Arc, time::Duration};

/// How long a statement waits for another writer of the same SQLite file.
const SQLITE_BUSY: Duration = Duration::from_secs(5);
/// SQLite's own advice for programs that stay open: gather what the planner needs, in bounded time.
/// Source: <https://www.sqlite.org/pragma.html#pragma_optimize>.
const LOOK_AT_ALL_TABLES: &str = "0x10002";
/// How long a request waits for a free connection.
const ACQUIRE: Duration = Duration::from_secs(5);

/// Where the data lives.
#[derive(Debug, Clone)]
pub struct DatabaseSettings {
    /// `postgres://…` or `sqlite://path`.
    pub url: SecretString,
    /// Most connections that one process opens.
    pub max_connections: u32,
    /// What stands between this process and Postgres.
    pub pooler: Pooler,
}

/// What stands between a process and Postgres.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Pooler {
    /// Nothing, or something that keeps one server for each connection.
    #[default]
    None,
    /// Something that gives every transaction another server, such as PgBouncer in its transaction mode.
    Transaction,
}

/// Connections of a pool at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PoolUse {
    /// Those that are open.
    pub open: u32,
    /// Those of them that nobody uses.
    pub idle: u32,
    /// How many there may be.
    pub most: u32,
}

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
        let mut options = ConnectOptions::new(settings.url.expose_secret());
        options
            .max_connections(settings.max_connections)
            .acquire_timeout(ACQUIRE)
            .connect_timeout(ACQUIRE)
            .sqlx_logging(false);
        prepare_postgres(&mut options, &health, settings.pooler);
        prepare_sqlite(&mut options, &health);
        file::make_private(settings.url.expose_secret())?;
        Ok(Self {
            connection: Connection {
                pool: sea_orm::Database::connect(options).await?,
                pooler: settings.pooler,
                health,
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
            ..Self::open(&settings, Arc::clone(&self.connection.health)).await?
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
        &self.connection.pool
    }

    /// How much of the pool is in use.
    #[must_use]
    pub fn pool(&self) -> PoolUse {
        let (open, idle) = match self.connection.get_database_backend() {
            DbBackend::Postgres => {
                let pool = self.driver().get_postgres_connection_pool();
                (pool.size(), pool.num_idle())
            }
            _ => {
                let pool = self.driver().get_sqlite_connection_pool();
                (pool.size(), pool.num_idle())
            }
        };
        PoolUse {
            open,
            idle: u32::try_from(idle).unwrap_or(u32::MAX),
            most: self.settings.max_connections,
        }
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
        Transaction::begin(&self.connection, options).await
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
        Transaction::begin(&self.connection, options).await
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
        let Connection { pool, health, .. } = &self.connection;
        health.answer(pool.ping()).await
    }
}

/// A pooler knows none of the parameters that the driver would like, and keeps no prepared statements.
fn prepare_postgres(options: &mut ConnectOptions, health: &Arc<PoolHealth>, pooler: Pooler) {
    let health = Arc::clone(health);
    options
        .map_sqlx_postgres_opts(move |postgres| {
            let postgres = postgres.extra_float_digits(None);
            match pooler {
                Pooler::None => postgres,
                Pooler::Transaction => postgres.statement_cache_capacity(0),
            }
        })
        .map_sqlx_postgres_pool_opts(move |pool| with_health_checks(pool, &health));
}

fn prepare_sqlite(options: &mut ConnectOptions, health: &Arc<PoolHealth>) {
    let health = Arc::clone(health);
    options
        .map_sqlx_sqlite_opts(|sqlite| {
            sqlite
                .create_if_missing(true)
                .foreign_keys(true)
                .journal_mode(SqliteJournalMode::Wal)
                .synchronous(SqliteSynchronous::Normal)
                .busy_timeout(SQLITE_BUSY)
                // What was deleted is written over: tokens, and what people want deleted.
                .pragma("secure_delete", "ON")
                .pragma("optimize", LOOK_AT_ALL_TABLES)
        })
        .map_sqlx_sqlite_pool_opts(move |pool| with_health_checks(pool, &health));
}

#[cfg(test)]
mod tests;
