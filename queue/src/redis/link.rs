//! The connection, and what to do when Redis answers with an error.

use std::sync::{Mutex, PoisonError};

use redis::{ErrorKind, FromRedisValue, RedisError, RedisResult, ScriptInvocation, ServerErrorKind};
use vitrine_redis::{Address, Connection};

use crate::{QueueError, meters};

/// A connection that is made when needed and again when lost.
pub(super) struct Link {
    pub(super) address: Address,
    connection: Mutex<Connection>,
}

impl Link {
    /// Reads the address; does not connect yet.
    pub(super) fn new(url: &str) -> RedisResult<Self> {
        let address = Address::read(url)?;
        let connection = Mutex::new(Connection::new(&address)?);
        Ok(Self { address, connection })
    }

    /// Runs a script.
    pub(super) async fn invoke<T: FromRedisValue>(
        &self,
        operation: &'static str,
        invocation: &ScriptInvocation<'_>,
    ) -> Result<T, QueueError> {
        let answer = invocation.invoke_async(&mut self.connection()).await;
        self.judge(operation, answer)
    }

    /// Runs a command.
    pub(super) async fn query<T: FromRedisValue>(
        &self,
        operation: &'static str,
        command: &redis::Cmd,
    ) -> Result<T, QueueError> {
        let answer = command.query_async(&mut self.connection()).await;
        self.judge(operation, answer)
    }

    fn connection(&self) -> Connection {
        self.connection
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    fn judge<T>(&self, operation: &'static str, answer: RedisResult<T>) -> Result<T, QueueError> {
        answer.map_err(|source| {
            meters::redis_error(operation);
            self.renew_after(&source);
            QueueError::Redis { operation, source }
        })
    }

    /// After a failover the old address may name another server, but a demoted primary keeps its connections
    /// and refuses every write: only a new connection finds the new primary.
    fn renew_after(&self, error: &RedisError) {
        if error.kind() == ErrorKind::Server(ServerErrorKind::ReadOnly)
            && let Ok(fresh) = Connection::new(&self.address)
        {
            *self.connection.lock().unwrap_or_else(PoisonError::into_inner) = fresh;
        }
    }
}
