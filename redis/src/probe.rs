//! Whether the server does all that is asked of it.

use std::sync::LazyLock;

use redis::{RedisResult, Script, aio::ConnectionLike};

use crate::Cause;

static PROBE: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("probe.lua")));

/// Does what every script does, to keys of its own under the prefix.
pub(crate) async fn run(connection: &mut impl ConnectionLike, prefix: &str) -> RedisResult<()> {
    match run_once(connection, prefix).await {
        // The server was restarted since the connection was last used.
        Err(error) if Cause::of(&error) == Cause::Unreachable => run_once(connection, prefix).await,
        outcome => outcome,
    }
}

async fn run_once(connection: &mut impl ConnectionLike, prefix: &str) -> RedisResult<()> {
    let mut call = PROBE.prepare_invoke();
    for part in ["hash", "list", "renamed", "sorted"] {
        call.key(format!("{{{prefix}:probe}}:{part}"));
    }
    // In the same slot of a cluster, and of the other form that keys have.
    call.key(format!("{prefix}:probe"));
    call.arg(format!("{prefix}:probe"));
    call.invoke_async::<i64>(connection).await.map(drop)
}
