//! The connection to Postgres or SQLite.

use sea_orm::{
    AccessMode, ConnectOptions, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, IsolationLevel,
    RuntimeErr, SqliteTransactionMode, TransactionOptions, TransactionTrait,
};
use secrecy::{ExposeSecret, SecretString};
use sqlx::sqlite::{SqliteConnectOptions, SqliteError, SqliteJournalMode, SqliteSynchronous};
use std::{
    fs::OpenOptions, io::ErrorKind, os::unix::fs::OpenOptionsExt, path::PathBuf, str::FromStr, time::Duration,
};

/// How long a statement waits for another writer of the same SQLite file.
const SQLITE_BUSY: Duration = Duration::from_secs(5);
/// SQLite's own advice for programs that stay open: gather what the planner needs, in bounded time.
/// Source: <https://www.sqlite.org/pragma.html#pragma_optimize>.
const LOOK_AT_ALL_TABLES: &str = "0x10002";
/// How long a request waits for a free connection.
const ACQUIRE: Duration = Duration::from_secs(5);
/// A connection that rested longer is tried before it is used.
const TEST_AFTER_IDLE: Duration = Duration::from_secs(5);

const OWNER_ONLY: u32 = 0o600;
const SQLITE_BUSY_CODE: u32 = 5;
const SQLITE_LOCKED_CODE: u32 = 6;
/// Postgres ends, starts, or has no more connections to give:
/// <https://www.postgresql.org/docs/current/errcodes-appendix.html>.
const SERVER_AWAY: [&str; 4] = ["57P01", "57P02", "57P03", "53300"];

/// Where the data lives.
#[derive(Debug, Clone)]
pub struct DatabaseSettings {
    /// `postgres://…` or `sqlite://path`.
    pub url: SecretString,
    /// Most connections that one process opens.
    pub max_connections: u32,
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
    connection: DatabaseConnection,
    settings: DatabaseSettings,
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
                    // What was deleted is written over: tokens, and what people want deleted.
                    .pragma("secure_delete", "ON")
                    .pragma("optimize", LOOK_AT_ALL_TABLES)
            });
        make_private(settings.url.expose_secret())?;
        Ok(Self {
            connection: sea_orm::Database::connect(options).await?,
            settings: settings.clone(),
        })
    }

    /// The same database through one connection of its own.
    ///
    /// A connection is driven by the thread that opened it: when threads end, what was asked over theirs
    /// may be done without its answer ever arriving.
    ///
    /// # Errors
    /// When the server does not answer or the file cannot be opened.
    pub async fn apart(&self) -> Result<Self, DbErr> {
        let settings = DatabaseSettings {
            max_connections: 1,
            ..self.settings.clone()
        };
        Self::connect(&settings).await
    }

    /// The pool, for reads and single statements.
    #[must_use]
    pub fn connection(&self) -> &DatabaseConnection {
        &self.connection
    }

    /// How much of the pool is in use.
    #[must_use]
    pub fn pool(&self) -> PoolUse {
        let (open, idle) = match self.connection.get_database_backend() {
            DbBackend::Postgres => {
                let pool = self.connection.get_postgres_connection_pool();
                (pool.size(), pool.num_idle())
            }
            _ => {
                let pool = self.connection.get_sqlite_connection_pool();
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

/// Makes the file of a SQLite database for its owner alone; SQLite gives its other files the same mode.
/// One that is there stays as it is, and nothing is made for a database in memory or to be read only.
fn make_private(url: &str) -> Result<(), DbErr> {
    let Some(path) = plain_file(url) else {
        return Ok(());
    };
    let made = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(OWNER_ONLY)
        .open(&path);
    match made {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => Err(DbErr::Conn(RuntimeErr::Internal(
            format!("cannot make {}: {error}", path.display()),
        ))),
        _ => Ok(()),
    }
}

fn plain_file(url: &str) -> Option<PathBuf> {
    let address = url.strip_prefix("sqlite:")?;
    let elsewhere = [":memory:", "mode=memory", "mode=ro"];
    if address.is_empty() || elsewhere.iter().any(|word| address.contains(word)) {
        return None;
    }
    let options = SqliteConnectOptions::from_str(url).ok()?;
    Some(options.get_filename().to_owned())
}

/// Whether an error says that the database is away or too busy for now, so that a later try makes sense.
#[must_use]
pub fn is_unavailable(error: &DbErr) -> bool {
    match error {
        DbErr::ConnectionAcquire(_) | DbErr::Conn(_) => true,
        DbErr::Exec(RuntimeErr::SqlxError(error)) | DbErr::Query(RuntimeErr::SqlxError(error)) => {
            is_away(error)
        }
        _ => false,
    }
}

fn is_away(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_)
        | sqlx::Error::Tls(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed => true,
        sqlx::Error::Database(refusal) => {
            let code = refusal.code().unwrap_or_default();
            match refusal.try_downcast_ref::<SqliteError>() {
                Some(_) => is_busy(&code),
                None => SERVER_AWAY.contains(&code.as_ref()),
            }
        }
        _ => false,
    }
}

/// The low byte of SQLite's extended codes is the code itself: <https://www.sqlite.org/rescode.html>.
fn is_busy(code: &str) -> bool {
    code.parse::<u32>()
        .is_ok_and(|code| matches!(code & 0xff, SQLITE_BUSY_CODE | SQLITE_LOCKED_CODE))
}

/// Whether a write was refused because another row holds the same unique value.
#[must_use]
pub fn is_duplicate(error: &DbErr) -> bool {
    matches!(
        error.sql_err(),
        Some(sea_orm::SqlErr::UniqueConstraintViolation(_))
    )
}

/// Whether a write was refused because what a row refers to is not there, or what was to be deleted is referred
/// to.
#[must_use]
pub fn is_reference_broken(error: &DbErr) -> bool {
    matches!(
        error.sql_err(),
        Some(sea_orm::SqlErr::ForeignKeyConstraintViolation(_))
    )
}

/// What comes of work with the database, if it comes in time: what hangs must not hold up all that wait for it.
///
/// # Errors
/// Those of the work, and one when it takes longer than `limit`.
pub(crate) async fn within<A, E: From<DbErr>>(
    limit: Duration,
    work: impl Future<Output = Result<A, E>>,
) -> Result<A, E> {
    tokio::time::timeout(limit, work)
        .await
        .unwrap_or_else(|_| Err(DbErr::Custom("the database does not answer".to_owned()).into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_closed_database_is_away_and_a_mistake_is_not() {
        let settings = DatabaseSettings {
            url: "sqlite::memory:".into(),
            max_connections: 1,
        };
        let database = Database::connect(&settings).await.unwrap();
        let mistake = sea_orm::ConnectionTrait::execute_unprepared(database.connection(), "select nothing");
        assert!(!is_unavailable(&mistake.await.unwrap_err()));

        database.connection().clone().close().await.unwrap();

        assert!(is_unavailable(&database.ping().await.unwrap_err()));
    }

    #[test]
    fn extended_codes_of_a_busy_file_count() {
        assert!(["5", "6", "517", "262"].into_iter().all(is_busy));
        assert!(!["1", "19", "2067", "57P01", ""].into_iter().any(is_busy));
    }

    #[test]
    fn only_plain_files_are_made() {
        assert_eq!(
            plain_file("sqlite://data/vitrine%20one.db?mode=rwc"),
            Some(PathBuf::from("data/vitrine one.db"))
        );
        for other in [
            "sqlite::memory:",
            "sqlite://x.db?mode=ro",
            "postgres://localhost/x",
        ] {
            assert_eq!(plain_file(other), None, "{other}");
        }
    }
}
