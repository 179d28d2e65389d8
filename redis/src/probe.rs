//! Whether the server does all that is asked of it.

use std::sync::LazyLock;

use redis::{RedisResult, Script};

use crate::{Cause, Connection};

static PROBE: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("probe.lua")));

impl Connection {
    /// Does what every script does, to keys of its own, which are deleted or end by themselves. Safe to repeat.
    ///
    /// # Errors
    /// When Redis is away or refuses any of it; [`Cause::of`] says why.
    pub async fn probe(&self) -> RedisResult<()> {
        match self.probe_once().await {
            // The server was restarted since the connection was last used.
            Err(error) if Cause::of(&error) == Cause::Unreachable => self.probe_once().await,
            outcome => outcome,
        }
    }

    async fn probe_once(&self) -> RedisResult<()> {
        let prefix = &self.0.prefix;
        let mut call = PROBE.prepare_invoke();
        for part in ["hash", "list", "renamed", "sorted"] {
            call.key(format!("{{{prefix}:probe}}:{part}"));
        }
        // In the same slot of a cluster, and of the other form that keys have.
        call.key(format!("{prefix}:probe"));
        call.arg(format!("{prefix}:probe"));
        call.invoke_async::<i64>(&mut self.clone()).await.map(drop)
    }
}
