//! Private Postgres and Redis servers for test runs.
//!
//! Nothing here needs setting up: the servers are started from the installed programs on free loopback
//! ports, keep their files in a temporary directory and end with the process that started them, however
//! that process ends. Most tests only ask for [`database`] and [`redis`], which use the servers of the whole
//! run when there are some, and servers of this process otherwise. A test that stops, kills or restarts a
//! server starts its own [`PostgresServer`], [`RedisServer`] or [`RedisCluster`], and puts a [`TcpProxy`] before it to
//! move or to silence it.

mod cluster;
mod mail_server;
mod pooler;
mod ports;
mod postgres;
mod programs;
mod proxy;
mod redis;
mod run;
mod supervisor;
mod waiting;

pub use cluster::RedisCluster;
pub use mail_server::{MailServer, Manner};
pub use pooler::PgBouncer;
pub use ports::free_port;
pub use postgres::{PostgresServer, REPLICATING};
pub use programs::postgres_program;
pub use proxy::TcpProxy;
pub use redis::RedisServer;
pub use run::{
    POSTGRES_URL, REDIS_URL, TestRedis, database, redis, redis_prefix, shared_postgres_url, shared_redis_url,
};
pub use waiting::wait_until;
