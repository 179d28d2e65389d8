//! What an error of the database means for those who asked.

use sea_orm::{DbErr, RuntimeErr, SqlErr};
use sqlx::{error::DatabaseError, sqlite::SqliteError};
use std::{error::Error, time::Duration};

/// The states of Postgres in which a later try makes sense, in whole or by their class:
/// <https://www.postgresql.org/docs/current/errcodes-appendix.html>.
const AWAY: [&str; 6] = [
    "08", // the connection failed
    "53", // no room, no memory, no connections left
    "57P", "58", // the server ends or starts, or its machine fails
    "55P03", "25006", // locked, and read only as a standby or a full server is
];
/// A standby, or a server that was made one or ran full: what it refuses, the server in its place would take.
const READ_ONLY: &str = "25006";

/// The results of SQLite that the machine causes and not the statement: busy, locked, no memory, read only, a failed
/// read or write, a full disk, a file that does not open, a lock protocol that failed.
/// Source: <https://www.sqlite.org/rescode.html>.
const SQLITE_AWAY: [u32; 8] = [5, 6, 7, 8, 10, 13, 14, 15];

/// A prepared statement is there already, or is not there: what Postgres says behind a pooler that gives each
/// transaction another server.
const OTHER_SERVERS: [&str; 2] = ["42P05", "26000"];

/// Why a database takes no writes, as one word each.
const FULL: &str = "full";
const TAKES_NONE: &str = "read_only";

/// What an error says about the connection it came over and about others like it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ConnectionFault {
    /// Connections may be dead.
    Away,
    /// The server takes no writes; another one may by now, at the same address.
    ReadOnly,
}

/// What an error says about the server, if anything.
pub(super) fn trouble(error: &DbErr) -> Option<ConnectionFault> {
    match error {
        DbErr::ConnectionAcquire(_) | DbErr::Conn(RuntimeErr::Internal(_)) => Some(ConnectionFault::Away),
        DbErr::Conn(RuntimeErr::SqlxError(error)) => Some(of_driver(error).unwrap_or(ConnectionFault::Away)),
        DbErr::Exec(RuntimeErr::SqlxError(error)) | DbErr::Query(RuntimeErr::SqlxError(error)) => {
            of_driver(error)
        }
        _ => None,
    }
}

/// Whether an error says that the database is away or too busy for now, so that a later try makes sense.
#[must_use]
pub fn is_unavailable(error: &DbErr) -> bool {
    trouble(error).is_some()
}

/// One word for why the database takes no writes, where the error is the database's and says it.
#[must_use]
pub fn cause(error: &(dyn Error + 'static)) -> Option<&'static str> {
    let refusal = refusal(error.downcast_ref()?)?;
    let code = refusal.code()?;
    match refusal.try_downcast_ref::<SqliteError>() {
        Some(_) => cause_of_sqlite(&code),
        None => cause_of_postgres(&code),
    }
}

fn cause_of_postgres(code: &str) -> Option<&'static str> {
    match code {
        READ_ONLY => Some(TAKES_NONE),
        "53100" => Some(FULL),
        _ => None,
    }
}

fn cause_of_sqlite(code: &str) -> Option<&'static str> {
    match code.parse::<u32>().ok()? & 0xff {
        8 => Some(TAKES_NONE),
        13 => Some(FULL),
        _ => None,
    }
}

/// Whether the error is that of a pooler between this process and Postgres of which the settings say nothing.
#[must_use]
pub fn is_undeclared_pooler(error: &DbErr) -> bool {
    let code = refusal(error).and_then(|refusal| refusal.code());
    code.is_some_and(|code| OTHER_SERVERS.contains(&&*code))
}

/// What the database itself said.
fn refusal(error: &DbErr) -> Option<&(dyn DatabaseError + 'static)> {
    match error {
        DbErr::Conn(RuntimeErr::SqlxError(error))
        | DbErr::Exec(RuntimeErr::SqlxError(error))
        | DbErr::Query(RuntimeErr::SqlxError(error)) => error.as_database_error(),
        _ => None,
    }
}

fn of_driver(error: &sqlx::Error) -> Option<ConnectionFault> {
    match error {
        sqlx::Error::Io(_)
        | sqlx::Error::Tls(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed => Some(ConnectionFault::Away),
        sqlx::Error::Database(refusal) => {
            let code = refusal.code().unwrap_or_default();
            match refusal.try_downcast_ref::<SqliteError>() {
                Some(_) => of_sqlite(&code),
                None => of_postgres(&code),
            }
        }
        _ => None,
    }
}

fn of_postgres(code: &str) -> Option<ConnectionFault> {
    match code {
        READ_ONLY => Some(ConnectionFault::ReadOnly),
        _ => AWAY
            .iter()
            .any(|class| code.starts_with(class))
            .then_some(ConnectionFault::Away),
    }
}

/// The low byte of SQLite's extended codes is the code itself.
fn of_sqlite(code: &str) -> Option<ConnectionFault> {
    let code: u32 = code.parse().ok()?;
    SQLITE_AWAY
        .contains(&(code & 0xff))
        .then_some(ConnectionFault::Away)
}

/// The database did not answer in time.
pub(super) fn unanswered() -> DbErr {
    DbErr::Conn(RuntimeErr::Internal("the database does not answer".to_owned()))
}

/// Whether a write was refused because another row holds the same unique value.
#[must_use]
pub fn is_duplicate(error: &DbErr) -> bool {
    matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_)))
}

/// Whether a write was refused because what a row refers to is not there, or what was to be deleted is referred
/// to.
#[must_use]
pub fn is_reference_broken(error: &DbErr) -> bool {
    matches!(error.sql_err(), Some(SqlErr::ForeignKeyConstraintViolation(_)))
}

/// What comes of work with the database, if it comes in time: what hangs must not hold up all that wait for it.
///
/// # Errors
/// Those of the work, and one when it takes longer than `limit`.
pub async fn within<A, E: From<DbErr>>(
    limit: Duration,
    work: impl Future<Output = Result<A, E>>,
) -> Result<A, E> {
    tokio::time::timeout(limit, work)
        .await
        .unwrap_or_else(|_| Err(unanswered().into()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use ConnectionFault::{Away, ReadOnly};

    #[test]
    fn codes_of_sqlite_that_the_machine_causes_are_trouble_extended_or_not() {
        for code in ["5", "6", "517", "262", "13", "10", "778", "8"] {
            assert_eq!(of_sqlite(code), Some(Away), "{code}");
        }
        for code in ["1", "19", "2067", "57P01", ""] {
            assert_eq!(of_sqlite(code), None, "{code}");
        }
    }

    #[test]
    fn states_of_a_server_that_is_away_are_trouble_and_mistakes_are_not() {
        for code in ["57P01", "57P03", "53100", "53300", "08006", "58030"] {
            assert_eq!(of_postgres(code), Some(Away), "{code}");
        }
        assert_eq!(of_postgres("25006"), Some(ReadOnly));
        for code in ["23505", "42P01", "25P02", "22021", ""] {
            assert_eq!(of_postgres(code), None, "{code}");
        }
    }

    #[test]
    fn a_database_that_takes_no_writes_has_a_word_for_it() {
        for (code, word) in [
            ("25006", Some("read_only")),
            ("53100", Some("full")),
            ("53300", None),
        ] {
            assert_eq!(cause_of_postgres(code), word, "{code}");
        }
        for (code, word) in [
            ("8", Some("read_only")),
            ("1544", Some("read_only")),
            ("13", Some("full")),
            ("5", None),
        ] {
            assert_eq!(cause_of_sqlite(code), word, "{code}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn what_does_not_answer_is_away() {
        let silent = std::future::pending::<Result<(), DbErr>>();

        let error = within(Duration::from_secs(1), silent).await.unwrap_err();

        assert!(is_unavailable(&error));
    }
}
