//! One connection of the client library, to a server or to all nodes of a cluster.

use std::time::Duration;

use redis::{
    Cmd, Pipeline, RedisResult, Value,
    aio::{ConnectionLike, ConnectionManager, ConnectionManagerConfig},
    cluster::{ClusterClient, ClusterConfig},
    cluster_async::ClusterConnection,
};

use crate::{ANSWER, Address, CONNECT, tcp};

/// How often a cluster's client follows a redirection or asks again before it gives up.
const REDIRECTIONS: u32 = 4;

/// Connects when it is first used, and again when the connection broke.
#[derive(Clone)]
pub(crate) enum Route {
    Server(ConnectionManager),
    Cluster(ClusterConnection),
}

impl Route {
    /// Does not wait until it is connected.
    pub(crate) fn new(address: &Address) -> RedisResult<Self> {
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
                    .tcp_settings(tcp::settings())
                    .build()?;
                let connection = client.get_pending_async_connection_with_config(ClusterConfig::new());
                Ok(Self::Cluster(connection))
            }
        }
    }

    /// An error of the server is an error here.
    pub(crate) async fn send(&mut self, command: &Cmd) -> RedisResult<Value> {
        let answer = match self {
            Self::Server(server) => server.req_packed_command(command).await,
            Self::Cluster(cluster) => cluster.req_packed_command(command).await,
        };
        match answer {
            Ok(Value::ServerError(error)) => Err(error.into()),
            answer => answer,
        }
    }

    pub(crate) async fn send_many(
        &mut self,
        pipeline: &Pipeline,
        offset: usize,
        count: usize,
    ) -> RedisResult<Vec<Value>> {
        match self {
            Self::Server(server) => server.req_packed_commands(pipeline, offset, count).await,
            Self::Cluster(cluster) => cluster.req_packed_commands(pipeline, offset, count).await,
        }
    }

    pub(crate) fn database(&self) -> i64 {
        match self {
            Self::Server(server) => server.get_db(),
            Self::Cluster(cluster) => cluster.get_db(),
        }
    }
}
