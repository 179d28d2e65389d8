//! Addresses, connections and files of a process.

use std::net::{Ipv4Addr, SocketAddr};
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::thread::available_parallelism;

use ipnet::IpNet;
use serde::{Deserialize, Serialize};
use url::Url;

use super::count;
use crate::config::{lists, parsers};

/// Section `[server]`.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct ServerSection {
    /// Address and port of the API. Default `127.0.0.1:8080`.
    #[serde(deserialize_with = "parsers::listen")]
    pub(crate) listen: SocketAddr,
    /// Address at which browsers reach this server, for links and redirects. Default: the listen address.
    #[serde(deserialize_with = "parsers::web")]
    pub(crate) public_url: Option<Url>,
    /// Address and port of `/metrics` for operators. Default `127.0.0.1:9464`, given up with a
    /// warning when taken; an address that is set must be free.
    #[serde(deserialize_with = "parsers::maybe_listen")]
    pub(crate) metrics_listen: Option<SocketAddr>,
    /// Proxies whose `X-Forwarded-For` is believed, as addresses or networks. Default: none.
    #[serde(deserialize_with = "lists::networks", serialize_with = "lists::as_text")]
    pub(crate) trusted_proxies: Vec<IpNet>,
    /// Directory of all files. Default `./data`.
    pub(crate) data_dir: PathBuf,
    /// Threads that answer requests. Default: one per processor.
    pub(crate) workers: Option<NonZeroUsize>,
    /// Connections that this process holds at once. Default: 20,000, or as many as there can be files open.
    pub(crate) max_connections: Option<NonZeroUsize>,
    /// Connections from one network (an IPv4 address, an IPv6 /64) at once; this machine and `trusted_proxies` are
    /// bounded by `max_connections` alone. Default 1,000.
    pub(crate) connections_per_network: NonZeroUsize,
}

impl Default for ServerSection {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 8080)),
            public_url: None,
            metrics_listen: None,
            trusted_proxies: Vec::new(),
            data_dir: PathBuf::from("./data"),
            workers: None,
            max_connections: None,
            connections_per_network: count(1_000),
        }
    }
}

impl ServerSection {
    /// Threads that answer requests.
    pub(crate) fn threads(&self) -> usize {
        let threads = self.workers.or_else(|| available_parallelism().ok());
        threads.map_or(1, NonZeroUsize::get)
    }
}
