//! What keeps things, and what several processes share.

use std::num::NonZeroU32;

use serde::{Deserialize, Serialize};
use vitrine_base::database::Pooler;

use super::number;
use crate::config::{SecretUrl, lists, secrets};

/// Section `[database]`.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct DatabaseSection {
    /// `postgres://…` or `sqlite://…`. Default: the file `vitrine.db` in the data directory.
    #[serde(deserialize_with = "secrets::database_url")]
    pub(crate) url: Option<SecretUrl>,
    /// Connections this process may hold open. Default 10.
    pub(crate) max_connections: NonZeroU32,
    /// What stands between this process and Postgres: `none`, or `transaction` for PgBouncer in its transaction mode.
    pub(crate) pooler: PoolerKind,
}

/// What stands between a process and Postgres.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum PoolerKind {
    /// Nothing, or a pooler that keeps one server for each connection.
    #[default]
    None,
    /// A pooler that gives every transaction another server.
    Transaction,
}

impl From<PoolerKind> for Pooler {
    fn from(kind: PoolerKind) -> Self {
        match kind {
            PoolerKind::None => Self::None,
            PoolerKind::Transaction => Self::Transaction,
        }
    }
}

impl Default for DatabaseSection {
    fn default() -> Self {
        Self {
            url: None,
            max_connections: number(10),
            pooler: PoolerKind::default(),
        }
    }
}

/// Section `[redis]`.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct RedisSection {
    /// `redis://…` or `rediss://…`; for a cluster `redis+cluster://…` or `rediss+cluster://…`, with further nodes as
    /// `?node=host:port`. Without it the queue and the budgets live in this process alone.
    #[serde(
        deserialize_with = "secrets::redis_url",
        serialize_with = "secrets::address_or_unset"
    )]
    pub(crate) url: Option<SecretUrl>,
    /// What every key begins with, so that several installations can share one Redis. Default `vitrine`.
    #[serde(deserialize_with = "lists::key_prefix")]
    pub(crate) prefix: String,
}

impl Default for RedisSection {
    fn default() -> Self {
        Self {
            url: None,
            prefix: "vitrine".to_owned(),
        }
    }
}

/// Section `[storage]`. No pictures are kept yet.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct StorageSection {
    /// `file://…` or `s3://…`. Default: none.
    #[serde(
        deserialize_with = "secrets::storage_url",
        serialize_with = "secrets::address_or_unset"
    )]
    pub(crate) url: Option<SecretUrl>,
}
