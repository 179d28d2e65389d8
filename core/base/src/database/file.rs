//! The file of a SQLite database.

use sea_orm::{DbErr, RuntimeErr};
use sqlx::sqlite::SqliteConnectOptions;
use std::{fs::OpenOptions, io::ErrorKind, os::unix::fs::OpenOptionsExt, path::PathBuf, str::FromStr};

const OWNER_ONLY: u32 = 0o600;

/// Makes the file of a SQLite database for its owner alone; SQLite gives its other files the same mode.
/// One that is there stays as it is, and nothing is made for a database in memory or to be read only.
pub(super) fn make_private(url: &str) -> Result<(), DbErr> {
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

#[cfg(test)]
mod tests {
    use super::*;

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
