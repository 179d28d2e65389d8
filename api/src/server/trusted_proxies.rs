//! From where and with what a request comes.

use crate::app::App;
use actix_web::{HttpRequest, http::header::USER_AGENT};
use ipnet::IpNet;
use std::net::IpAddr;
use vitrine_people::identity::ClientInfo;

/// Where proxies write whom they pass on.
pub(crate) const X_FORWARDED_FOR: &str = "x-forwarded-for";

/// The proxies whose word about the client's address is taken.
#[derive(Clone, Debug, Default)]
pub struct TrustedProxies(Vec<IpNet>);

impl TrustedProxies {
    /// These networks.
    #[must_use]
    pub fn new(networks: Vec<IpNet>) -> Self {
        Self(networks)
    }

    pub(crate) fn trusts(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(&address))
    }

    /// The client behind a chain of proxies: the first from the right that is not one of ours. What stands further
    /// left was written by the client itself, and may be anything.
    fn client(&self, peer: IpAddr, forwarded: &[&str]) -> IpAddr {
        let mut client = peer.to_canonical();
        let hops = forwarded.iter().rev().flat_map(|line| line.rsplit(','));
        for hop in hops {
            if !self.trusts(client) {
                return client;
            }
            match hop.trim().parse::<IpAddr>() {
                Ok(address) => client = address.to_canonical(),
                Err(_) => return client,
            }
        }
        client
    }
}

/// From where and with what a request comes.
pub(crate) fn client_info(request: &HttpRequest, app: &App) -> ClientInfo {
    let user_agent = request.headers().get(USER_AGENT);
    ClientInfo {
        user_agent: user_agent.and_then(|name| name.to_str().ok()).map(str::to_owned),
        address: client_address(request, app),
    }
}

/// The client's address, behind the proxies that are trusted.
pub(crate) fn client_address(request: &HttpRequest, app: &App) -> Option<IpAddr> {
    let forwarded: Vec<&str> = request
        .headers()
        .get_all(X_FORWARDED_FOR)
        .filter_map(|value| value.to_str().ok())
        .collect();
    let peer = request.peer_addr()?.ip();
    Some(app.settings.trusted_proxies.client(peer, &forwarded))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(trusted: &[&str], peer: &str, forwarded: &[&str]) -> String {
        let networks = trusted.iter().map(|text| text.parse().unwrap()).collect();
        TrustedProxies::new(networks)
            .client(peer.parse().unwrap(), forwarded)
            .to_string()
    }

    #[test]
    fn nobody_is_believed_unless_the_operator_says_so() {
        assert_eq!(client(&[], "203.0.113.5", &["198.51.100.1"]), "203.0.113.5");
        assert_eq!(
            client(&["10.0.0.0/8"], "203.0.113.5", &["198.51.100.1"]),
            "203.0.113.5"
        );
    }

    #[test]
    fn the_client_is_the_first_stranger_from_the_right() {
        let trusted = ["10.0.0.0/8", "fd00::/8"];

        assert_eq!(client(&trusted, "10.1.2.3", &["198.51.100.1"]), "198.51.100.1");
        assert_eq!(
            client(&trusted, "10.1.2.3", &["1.1.1.1, 198.51.100.1, 10.9.9.9"]),
            "198.51.100.1"
        );
        assert_eq!(
            client(&trusted, "10.1.2.3", &["1.1.1.1", "198.51.100.1"]),
            "198.51.100.1"
        );
        assert_eq!(
            client(&trusted, "::ffff:10.1.2.3", &["2001:db8::1"]),
            "2001:db8::1"
        );
        assert_eq!(client(&trusted, "fd00::1", &["nonsense"]), "fd00::1");
        assert_eq!(client(&trusted, "10.1.2.3", &[]), "10.1.2.3");
        assert_eq!(
            client(&["0.0.0.0/0"], "203.0.113.5", &["198.51.100.1"]),
            "198.51.100.1"
        );
    }
}
