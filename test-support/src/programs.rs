//! Where the servers' programs are installed.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

use anyhow::Context;

const POSTGRES_BIN: &str = "VITRINE_TEST_POSTGRES_BIN";
const REDIS_SERVER: &str = "VITRINE_TEST_REDIS_SERVER";

/// The directory that holds `postgres`, `initdb` and `psql`.
pub(crate) fn postgres_directory() -> anyhow::Result<PathBuf> {
    if let Some(chosen) = env::var_os(POSTGRES_BIN) {
        return Ok(chosen.into());
    }
    search_path()
        .into_iter()
        .chain(debian_postgres_directories())
        .find(|directory| {
            ["postgres", "initdb", "psql"]
                .iter()
                .all(|program| directory.join(program).is_file())
        })
        .with_context(|| {
            format!("Postgres is not installed: no `initdb` in PATH, /usr/lib/postgresql or {POSTGRES_BIN}")
        })
}

/// A client program of Postgres, such as `pg_dump`.
///
/// # Errors
/// When Postgres is not installed.
pub fn postgres_program(name: &str) -> anyhow::Result<PathBuf> {
    Ok(postgres_directory()?.join(name))
}

/// The program `redis-server`.
pub(crate) fn redis_server() -> anyhow::Result<PathBuf> {
    if let Some(chosen) = env::var_os(REDIS_SERVER) {
        return Ok(chosen.into());
    }
    search_path()
        .into_iter()
        .map(|directory| directory.join("redis-server"))
        .find(|program| program.is_file())
        .with_context(|| format!("Redis is not installed: no `redis-server` in PATH or {REDIS_SERVER}"))
}

/// The program `pgbouncer`, which Debian keeps where only administrators look.
pub(crate) fn pgbouncer() -> anyhow::Result<PathBuf> {
    search_path()
        .into_iter()
        .chain(["/usr/sbin".into()])
        .map(|directory| directory.join("pgbouncer"))
        .find(|program| program.is_file())
        .context("PgBouncer is not installed: no `pgbouncer` in PATH or /usr/sbin")
}

fn search_path() -> Vec<PathBuf> {
    env::var_os("PATH")
        .map(|path| env::split_paths(&path).collect())
        .unwrap_or_default()
}

/// Debian keeps the server's programs out of PATH, a directory a version; the newest comes first here.
fn debian_postgres_directories() -> Vec<PathBuf> {
    let mut versions: Vec<(u32, PathBuf)> = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| Some((version(&entry.path())?, entry.path().join("bin"))))
        .collect();
    versions.sort_by_key(|(version, _)| std::cmp::Reverse(*version));
    versions.into_iter().map(|(_, directory)| directory).collect()
}

fn version(directory: &Path) -> Option<u32> {
    directory.file_name()?.to_str()?.parse().ok()
}
