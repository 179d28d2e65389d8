//! The proxies that stand before the server, and whose client is behind them.

use ipnet::IpNet;
use std::net::IpAddr;

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
    pub(crate) fn client(&self, peer: IpAddr, forwarded: &[&str]) -> IpAddr {
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
