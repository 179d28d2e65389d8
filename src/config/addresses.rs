//! Where this process is reached.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use url::Url;

use super::Settings;
use crate::failure::Failure;

/// Where metrics are served when nothing is set.
const METRICS_LISTEN: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 9464);

impl Settings {
    /// Where the outside reaches this server: `server.public_url`, or the listen address.
    pub(crate) fn public_url(&self) -> Result<Url, Failure> {
        match &self.server.public_url {
            Some(url) => Ok(url.clone()),
            None => Url::parse(&format!("http://{}/", reachable(self.server.listen)))
                .map_err(|_| Failure::configuration("server.public_url must be set for this listen address")),
        }
    }

    /// Where metrics are served: `server.metrics_listen`, or its default.
    pub(crate) fn metrics_listen(&self) -> SocketAddr {
        self.server.metrics_listen.unwrap_or(METRICS_LISTEN)
    }
}

/// A server that listens everywhere is reached on the loopback address.
pub(crate) fn reachable(listen: SocketAddr) -> SocketAddr {
    let ip = match listen.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        ip => ip,
    };
    SocketAddr::new(ip, listen.port())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_that_listens_everywhere_is_asked_on_loopback() {
        assert_eq!(
            reachable("0.0.0.0:80".parse().unwrap()),
            "127.0.0.1:80".parse().unwrap()
        );
        assert_eq!(reachable("[::]:80".parse().unwrap()), "[::1]:80".parse().unwrap());
        assert_eq!(
            reachable("10.0.0.1:80".parse().unwrap()),
            "10.0.0.1:80".parse().unwrap()
        );
    }
}
