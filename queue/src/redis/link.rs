//! The connection, and what to do when Redis answers with an error.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use redis::{
    Client, ConnectionAddr, ErrorKind, FromRedisValue, RedisError, RedisResult, ScriptInvocation,
    ServerErrorKind,
    aio::{ConnectionManager, ConnectionManagerConfig},
};
use rustls::crypto::CryptoProvider;

use crate::{QueueError, meters};

/// How long Redis may take to answer.
pub(super) const ANSWER: Duration = Duration::from_secs(5);

/// How long it may take to connect.
pub(super) const CONNECT: Duration = Duration::from_secs(2);

/// A connection that is made when needed and again when lost.
pub(super) struct Link {
    pub(super) client: Client,
    connection: Mutex<ConnectionManager>,
}

impl Link {
    /// Reads the address; does not connect yet.
    pub(super) fn new(url: &str) -> RedisResult<Self> {
        let client = Client::open(url)?;
        if matches!(client.get_connection_info().addr(), ConnectionAddr::TcpTls { .. }) {
            ensure_cryptography();
        }
        let connection = Mutex::new(connect(&client)?);
        Ok(Self { client, connection })
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

    fn connection(&self) -> ConnectionManager {
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
            && let Ok(fresh) = connect(&self.client)
        {
            *self.connection.lock().unwrap_or_else(PoisonError::into_inner) = fresh;
        }
    }
}

/// rustls panics at the first connection of a process that has not chosen how to encrypt.
fn ensure_cryptography() {
    if CryptoProvider::get_default().is_none() {
        // Fails only when another thread has just chosen.
        let _ = rustls::crypto::ring::default_provider().install_default();
    }
}

fn connect(client: &Client) -> RedisResult<ConnectionManager> {
    let config = ConnectionManagerConfig::new()
        .set_connection_timeout(Some(CONNECT))
        .set_response_timeout(Some(ANSWER))
        .set_number_of_retries(1)
        .set_min_delay(Duration::from_millis(50));
    ConnectionManager::new_lazy_with_config(client.clone(), config)
}
