//! One connection for commands, whether to a server or to a cluster.

use std::time::Duration;

use redis::{
    Cmd, Pipeline, RedisFuture, RedisResult, Value,
    aio::{ConnectionLike, ConnectionManager, ConnectionManagerConfig},
    cluster::{ClusterClient, ClusterConfig},
    cluster_async::ClusterConnection,
};

use crate::{ANSWER, Address, CONNECT};

/// How often a cluster's client follows a redirection or asks again before it gives up.
const REDIRECTIONS: u32 = 4;

/// Connects when it is first used, and again when it was lost. Clones share it.
#[derive(Clone)]
pub enum Connection {
    /// To one server.
    Server(ConnectionManager),
    /// To all nodes of a cluster.
    Cluster(ClusterConnection),
}

impl Connection {
    /// Does not wait until it is connected. Call it inside a tokio runtime.
    ///
    /// # Errors
    /// When the nodes of a cluster cannot be used together.
    pub fn new(address: &Address) -> RedisResult<Self> {
        match address.seeds() {
            [server] if !address.is_cluster() => {
                let config = ConnectionManagerConfig::new()
                    .set_connection_timeout(Some(CONNECT))
                    .set_response_timeout(Some(ANSWER))
                    .set_number_of_retries(1)
                    .set_min_delay(Duration::from_millis(50));
                let manager = ConnectionManager::new_lazy_with_config(server.clone(), config)?;
                Ok(Self::Server(manager))
            }
            seeds => {
                let nodes = seeds.iter().map(|seed| seed.get_connection_info().clone());
                let client = ClusterClient::builder(nodes)
                    .connection_timeout(CONNECT)
                    .response_timeout(ANSWER)
                    .retries(REDIRECTIONS)
                    .build()?;
                let connection = client.get_pending_async_connection_with_config(ClusterConfig::new());
                Ok(Self::Cluster(connection))
            }
        }
    }
}

impl ConnectionLike for Connection {
    fn req_packed_command<'a>(&'a mut self, command: &'a Cmd) -> RedisFuture<'a, Value> {
        match self {
            Self::Server(server) => server.req_packed_command(command),
            Self::Cluster(cluster) => cluster.req_packed_command(command),
        }
    }

    fn req_packed_commands<'a>(
        &'a mut self,
        pipeline: &'a Pipeline,
        offset: usize,
        count: usize,
    ) -> RedisFuture<'a, Vec<Value>> {
        match self {
            Self::Server(server) => server.req_packed_commands(pipeline, offset, count),
            Self::Cluster(cluster) => cluster.req_packed_commands(pipeline, offset, count),
        }
    }

    fn get_db(&self) -> i64 {
        match self {
            Self::Server(server) => server.get_db(),
            Self::Cluster(cluster) => cluster.get_db(),
        }
    }
}
