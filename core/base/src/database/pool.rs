//! The driver's pool, and what is set up for each of its connections.

use super::{
    DatabaseSettings, Pooler, file,
    pool_health::{PoolHealth, with_health_checks},
};
use sea_orm::{ConnectOptions, DatabaseConnection, DbBackend, DbErr};
use secrecy::ExposeSecret;
use sqlx::sqlite::{SqliteJournalMode, SqliteSynchronous};
use std::{sync::Arc, time::Duration};

/// How long a statement waits for another writer of the same SQLite file.
const SQLITE_BUSY: Duration = Duration::from_secs(5);
/// SQLite's own advice for programs that stay open: gather what the planner needs, in bounded time.
/// Source: <https://www.sqlite.org/pragma.html#pragma_optimize>.
const LOOK_AT_ALL_TABLES: &str = "0x10002";
/// How long a request waits for a free connection.
const ACQUIRE: Duration = Duration::from_secs(5);

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

/// The driver's pool with what stands before it and what is known about it. Clones share it.
#[derive(Clone, Debug)]
pub(super) struct Pool {
    pub(super) driver: DatabaseConnection,
    pub(super) pooler: Pooler,
    pub(super) health: Arc<PoolHealth>,
}

impl Pool {
    pub(super) async fn open(settings: &DatabaseSettings, health: Arc<PoolHealth>) -> Result<Self, DbErr> {
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
            driver: sea_orm::Database::connect(options).await?,
            pooler: settings.pooler,
            health,
        })
    }

    /// How much of it is in use, of so many connections at most.
    pub(super) fn in_use(&self, most: u32) -> PoolUse {
        let (open, idle) = match self.driver.get_database_backend() {
            DbBackend::Postgres => {
                let pool = self.driver.get_postgres_connection_pool();
                (pool.size(), pool.num_idle())
            }
            _ => {
                let pool = self.driver.get_sqlite_connection_pool();
                (pool.size(), pool.num_idle())
            }
        };
        PoolUse {
            open,
            idle: u32::try_from(idle).unwrap_or(u32::MAX),
            most,
        }
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
