//! Whether the server drops keys when its memory is full.

use std::time::Duration;

use redis::{AsyncConnectionConfig, Client, RedisResult};

use crate::{ANSWER, Address, CONNECT};

/// How often it is asked.
const ASKED_EVERY: Duration = Duration::from_mins(1);

/// The one policy under which a full server refuses instead of forgetting.
const SAFE: &str = "noeviction";

/// Keeps the gauge `vitrine_redis_evicts_keys` and warns when a server's `maxmemory-policy` lets it drop the queue's
/// keys. A server that does not show its policy is left alone. Runs until it is dropped.
pub async fn watch_eviction(address: Address) {
    let mut warned = None;
    loop {
        let found = evicting(&address).await;
        if let Ok(policy) = &found {
            metrics::gauge!("vitrine_redis_evicts_keys").set(if policy.is_some() { 1.0 } else { 0.0 });
            if let Some(policy) = policy
                && warned.as_ref() != Some(policy)
            {
                tracing::warn!(
                    redis.maxmemory_policy = policy,
                    "Redis drops keys when its memory is full, jobs and call budgets among them: set maxmemory-policy \
                     noeviction"
                );
            }
            warned.clone_from(policy);
        }
        tokio::time::sleep(ASKED_EVERY).await;
    }
}

/// The policy of the first server that evicts.
async fn evicting(address: &Address) -> RedisResult<Option<String>> {
    for seed in address.seeds() {
        let policy = policy(seed).await?;
        if policy.as_deref().is_some_and(|policy| policy != SAFE) {
            return Ok(policy);
        }
    }
    Ok(None)
}

async fn policy(seed: &Client) -> RedisResult<Option<String>> {
    let config = AsyncConnectionConfig::new()
        .set_connection_timeout(Some(CONNECT))
        .set_response_timeout(Some(ANSWER));
    let mut connection = seed.get_multiplexed_async_connection_with_config(&config).await?;
    let told: String = redis::cmd("INFO")
        .arg("memory")
        .query_async(&mut connection)
        .await?;
    let policy = told
        .lines()
        .find_map(|line| line.strip_prefix("maxmemory_policy:"));
    Ok(policy.map(|policy| policy.trim().to_owned()))
}
