//! The demo, and the local Instagram for development.

use std::net::{Ipv4Addr, SocketAddr};

use serde::{Deserialize, Serialize};
use url::Url;

use crate::config::parsers;

/// Section `[demo]`.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct DemoSection {
    /// Whether `up` starts the simulator and makes a demo tenant. Default: when no Instagram app is configured.
    pub(crate) enabled: Option<bool>,
}

/// Section `[simulator]`, for development.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct SimulatorSection {
    /// Address and port of the simulator that this process runs. Default `127.0.0.1:8081`.
    #[serde(deserialize_with = "parsers::listen")]
    pub(crate) listen: SocketAddr,
    /// A simulator running elsewhere whose clock this process follows. Default: none.
    #[serde(deserialize_with = "parsers::web")]
    pub(crate) url: Option<Url>,
}

impl Default for SimulatorSection {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 8081)),
            url: None,
        }
    }
}
