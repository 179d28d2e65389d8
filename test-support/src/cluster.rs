//! A private Redis Cluster.

use std::time::Duration;

use uuid::Uuid;

use crate::{free_port, redis::RedisServer, waiting::wait_until};

const JOIN_DEADLINE: Duration = Duration::from_secs(60);

/// The parts of a cluster's 16,384 slots that its nodes have.
const SLOTS: [&str; 3] = ["0 5460", "5461 10922", "10923 16383"];

/// Three Redis servers that are one cluster, each with a third of the keys and no replica. A node that was killed
/// and started again is a member as before, but its keys are lost.
pub struct RedisCluster {
    nodes: Vec<RedisServer>,
}

impl RedisCluster {
    /// Starts an empty cluster; it answers when this returns.
    ///
    /// # Errors
    /// When Redis is not installed, or the nodes do not start or do not find each other.
    pub async fn start() -> anyhow::Result<RedisCluster> {
        let password = Uuid::new_v4().simple().to_string();
        let mut cluster = RedisCluster { nodes: Vec::new() };
        let mut first: Option<String> = None;
        for slots in SLOTS {
            let bus = free_port()?.to_string();
            let options = [
                "--cluster-enabled",
                "yes",
                "--cluster-node-timeout",
                "1000",
                "--cluster-port",
                &bus,
            ];
            let node = RedisServer::start_as(&password, &options).await?;
            node.command(&format!("CLUSTER ADDSLOTSRANGE {slots}")).await?;
            match &first {
                Some(meet) => node.command(meet).await?,
                None => first = Some(format!("CLUSTER MEET 127.0.0.1 {} {bus}", node.port())),
            }
            cluster.nodes.push(node);
        }
        cluster.agrees().await?;
        Ok(cluster)
    }

    /// An address that names all nodes: `redis+cluster://:password@127.0.0.1:port?node=127.0.0.1:port&…`.
    pub fn url(&self) -> String {
        let mut url = String::new();
        for node in &self.nodes {
            let port = node.port();
            url += &match url.len() {
                0 => format!("redis+cluster://:{}@127.0.0.1:{port}?", node.password()),
                _ => format!("node=127.0.0.1:{port}&"),
            };
        }
        url
    }

    /// The nodes.
    pub fn nodes(&self) -> &[RedisServer] {
        &self.nodes
    }

    /// Waits until every node knows where all keys are.
    ///
    /// # Errors
    /// When that takes too long, for example because a node is down.
    pub async fn agrees(&self) -> anyhow::Result<()> {
        wait_until(JOIN_DEADLINE, async || {
            for node in &self.nodes {
                match node.ask("CLUSTER INFO").await {
                    Ok(info) if info.contains("cluster_state:ok") => {}
                    _ => return false,
                }
            }
            true
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn each_node_sends_strangers_to_the_one_that_has_the_key() {
        let cluster = RedisCluster::start().await.unwrap();

        let mut refused = 0;
        for node in cluster.nodes() {
            refused += usize::from(node.command("SET key 1").await.is_err());
        }

        assert_eq!(refused, 2);
    }
}
