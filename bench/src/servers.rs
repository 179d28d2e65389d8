//! Private Postgres and Redis servers, set up as one would in production on so small a machine.

use vitrine_test_support::{PostgresServer, RedisServer};

/// Nothing that an operator would not have: what is answered is on the disk.
const DURABLE: &[&str] = &[
    "fsync=on",
    "synchronous_commit=on",
    "full_page_writes=on",
    "wal_level=replica",
    "autovacuum=on",
    "shared_buffers=256MB",
    "max_wal_size=2GB",
];

/// What the output says of the servers.
pub(crate) fn words(more: &[&str]) -> String {
    let settings: Vec<&str> = DURABLE.iter().chain(more).copied().collect();
    format!("Postgres with {}; Redis without persistence", settings.join(", "))
}

/// Starts a Postgres that keeps what it answers, with settings of the measurement's own.
pub(crate) async fn postgres(more: &[&str]) -> anyhow::Result<PostgresServer> {
    let settings: Vec<&str> = DURABLE.iter().chain(more).copied().collect();
    PostgresServer::start_with(&settings).await
}

/// Starts a Redis.
pub(crate) async fn redis() -> anyhow::Result<RedisServer> {
    RedisServer::start().await
}
