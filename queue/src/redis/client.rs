//! The connection, and the words for what Redis did not do.

use redis::{FromRedisValue, RedisResult, ScriptInvocation};
use vitrine_redis::{Address, Connection};

use crate::{QueueError, meters};

/// A connection that is made when needed and again when lost.
pub(super) struct RedisClient {
    pub(super) connection: Connection,
}

impl RedisClient {
    /// Reads the address; does not connect yet. The health check of the connection comes with it.
    pub(super) fn new(
        url: &str,
        prefix: &str,
    ) -> RedisResult<(Self, impl Future<Output = ()> + Send + use<>)> {
        let (connection, health_check) = Connection::new(&Address::read(url)?, prefix)?;
        Ok((Self { connection }, health_check))
    }

    /// Runs a script.
    pub(super) async fn invoke<T: FromRedisValue>(
        &self,
        operation: &'static str,
        invocation: &ScriptInvocation<'_>,
    ) -> Result<T, QueueError> {
        let answer = invocation.invoke_async(&mut self.connection.clone()).await;
        map_error(operation, answer)
    }

    /// Runs a command.
    pub(super) async fn query<T: FromRedisValue>(
        &self,
        operation: &'static str,
        command: &redis::Cmd,
    ) -> Result<T, QueueError> {
        let answer = command.query_async(&mut self.connection.clone()).await;
        map_error(operation, answer)
    }

    /// Succeeds when Redis does all that is asked of it.
    pub(super) async fn probe(&self, operation: &'static str) -> Result<(), QueueError> {
        map_error(operation, self.connection.probe().await)
    }
}

fn map_error<T>(operation: &'static str, answer: RedisResult<T>) -> Result<T, QueueError> {
    answer.map_err(|cause| {
        meters::redis_error(operation);
        QueueError::Redis { operation, cause }
    })
}
