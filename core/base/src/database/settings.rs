//! Which database, and how it is reached.

use secrecy::SecretString;

/// Where the data lives.
#[derive(Debug, Clone)]
pub struct DatabaseSettings {
    /// `postgres://…` or `sqlite://path`.
    pub url: SecretString,
    /// Most connections that one process opens.
    pub max_connections: u32,
    /// What stands between this process and Postgres.
    pub pooler: Pooler,
}

/// What stands between a process and Postgres.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Pooler {
    /// Nothing, or something that keeps one server for each connection.
    #[default]
    None,
    /// Something that gives every transaction another server, such as PgBouncer in its transaction mode.
    Transaction,
}
