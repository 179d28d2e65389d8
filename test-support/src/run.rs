//! The servers that a whole test run shares.

use std::env;

use tokio::sync::OnceCell;
use uuid::Uuid;

use crate::{PostgresServer, RedisServer, postgres};

/// Environment variable with the address of the run's Postgres: any database of it, as a role that may create
/// databases.
pub const POSTGRES_URL: &str = "VITRINE_TEST_POSTGRES_URL";
/// Environment variable with the address of the run's Redis.
pub const REDIS_URL: &str = "VITRINE_TEST_REDIS_URL";

/// The run's Redis, and a part of its keys for one test.
#[derive(Clone, Debug)]
pub struct TestRedis {
    /// Address of the server.
    pub url: String,
    /// What the keys of this test begin with; no other test has the same.
    pub prefix: String,
}

/// The address of a new empty database on the run's Postgres. It lives until that server ends.
///
/// # Errors
/// When Postgres is neither named by [`POSTGRES_URL`] nor installed, or does not answer.
pub async fn database() -> anyhow::Result<String> {
    postgres::create_database(&shared_postgres_url().await?).await
}

/// The run's Redis, with a prefix of the test's own. Other tests use the same server: keep to the prefix.
///
/// # Errors
/// When Redis is neither named by [`REDIS_URL`] nor installed, or does not start.
pub async fn redis() -> anyhow::Result<TestRedis> {
    Ok(TestRedis {
        url: shared_redis_url().await?,
        prefix: redis_prefix(),
    })
}

/// A prefix for keys that nobody else uses.
pub fn redis_prefix() -> String {
    format!("test-{}", Uuid::new_v4().simple())
}

/// The run's Postgres, or this process's own, started at the first call.
///
/// # Errors
/// When Postgres is neither named by [`POSTGRES_URL`] nor installed, or does not start.
pub async fn shared_postgres_url() -> anyhow::Result<String> {
    static OWN: OnceCell<PostgresServer> = OnceCell::const_new();
    match env::var(POSTGRES_URL) {
        Ok(url) => Ok(url),
        Err(_) => Ok(OWN.get_or_try_init(PostgresServer::start).await?.url()),
    }
}

/// The run's Redis, or this process's own, started at the first call.
///
/// # Errors
/// When Redis is neither named by [`REDIS_URL`] nor installed, or does not start.
pub async fn shared_redis_url() -> anyhow::Result<String> {
    static OWN: OnceCell<RedisServer> = OnceCell::const_new();
    match env::var(REDIS_URL) {
        Ok(url) => Ok(url),
        Err(_) => Ok(OWN.get_or_try_init(RedisServer::start).await?.url()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn two_databases_of_a_run_share_the_server_and_nothing_else() {
        let (one, other) = (database().await.unwrap(), database().await.unwrap());

        assert_ne!(one, other);
        assert_eq!(one.rsplit_once('/').unwrap().0, other.rsplit_once('/').unwrap().0);
    }

    #[tokio::test]
    async fn two_tests_of_a_run_share_redis_but_no_prefix() {
        let (one, other) = (redis().await.unwrap(), redis().await.unwrap());

        assert_eq!(one.url, other.url);
        assert_ne!(one.prefix, other.prefix);
    }
}
