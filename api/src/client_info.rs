//! From where and with what a request comes.

use crate::app::App;
use actix_web::{HttpRequest, http::header::USER_AGENT};
use std::{fmt, net::IpAddr, str::FromStr};
use vitrine_people::identity::ClientInfo;

/// Where proxies write whom they pass on.
pub(crate) const X_FORWARDED_FOR: &str = "x-forwarded-for";

/// The proxies whose word about the client's address is taken.
#[derive(Clone, Debug, Default)]
pub struct TrustedProxies(Vec<Network>);

/// Addresses with a common beginning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    bits: u8,
}

/// A text is neither an address nor a network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoNetwork;

impl FromStr for Network {
    type Err = NoNetwork;

    /// Reads `10.0.0.7`, `10.0.0.0/8` or `fd00::/8`.
    fn from_str(text: &str) -> Result<Self, NoNetwork> {
        let (address, bits) = match text.split_once('/') {
            Some((address, bits)) => (address, Some(bits.parse::<u8>().map_err(|_| NoNetwork)?)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().map_err(|_| NoNetwork)?;
        let width = if address.is_ipv4() { 32 } else { 128 };
        let bits = bits.unwrap_or(width);
        (bits <= width).then_some(Self { address, bits }).ok_or(NoNetwork)
    }
}

impl fmt::Display for Network {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}", self.address, self.bits)
    }
}

impl Network {
    fn holds(self, other: IpAddr) -> bool {
        match (self.address, other) {
            (IpAddr::V4(ours), IpAddr::V4(other)) => {
                let differ = u32::from(ours) ^ u32::from(other);
                differ.leading_zeros() >= u32::from(self.bits)
            }
            (IpAddr::V6(ours), IpAddr::V6(other)) => {
                let differ = u128::from(ours) ^ u128::from(other);
                differ.leading_zeros() >= u32::from(self.bits)
            }
            _ => false,
        }
    }
}

impl TrustedProxies {
    /// These networks.
    #[must_use]
    pub fn new(networks: Vec<Network>) -> Self {
        Self(networks)
    }

    pub(crate) fn trusts(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.holds(address))
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
    }

    #[test]
    fn networks_are_told_from_other_texts() {
        for bad in ["", "10.0.0.0/33", "10.0.0/8", "::/129", "host", "10.0.0.0/x"] {
            assert_eq!(bad.parse::<Network>(), Err(NoNetwork), "{bad}");
        }
        assert!(
            "0.0.0.0/0"
                .parse::<Network>()
                .unwrap()
                .holds("203.0.113.5".parse().unwrap())
        );
    }
}
