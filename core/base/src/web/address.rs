//! Which addresses are safe to send people to, and which are this machine.

use std::net::IpAddr;
use url::{Host, Url};

/// Whether a page of this address is safe to hand a code or a visitor to: `https`, or `http` on
/// this machine, and neither user, password nor fragment.
#[must_use]
pub fn is_web_address(address: &Url) -> bool {
    let scheme_fits = match address.scheme() {
        "https" => address.host().is_some(),
        "http" => address.host_str().is_some_and(is_loopback),
        _ => false,
    };
    scheme_fits
        && address.username().is_empty()
        && address.password().is_none()
        && address.fragment().is_none()
}

/// Whether a host, as a URL or a setting has it, is this machine: `localhost`, a name below it (RFC 6761, section
/// 6.3), or a loopback address, with or without brackets.
#[must_use]
pub fn is_loopback(host: &str) -> bool {
    match Host::parse(host) {
        Ok(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Ok(Host::Ipv4(address)) => address.is_loopback(),
        Ok(Host::Ipv6(address)) => address.is_loopback(),
        Err(_) => host.parse().is_ok_and(|address: IpAddr| address.is_loopback()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_machine_is_told_from_others() {
        for host in [
            "localhost",
            "LOCALHOST",
            "shop.localhost",
            "127.0.0.1",
            "127.9.9.9",
            "[::1]",
            "::1",
        ] {
            assert!(is_loopback(host), "{host}");
        }
        for host in [
            "",
            "localhost.example",
            "10.0.0.1",
            "0.0.0.0",
            "[::2]",
            "notlocalhost",
        ] {
            assert!(!is_loopback(host), "{host}");
        }
    }

    #[test]
    fn dangerous_addresses_are_refused() {
        let bad = [
            "javascript:alert(1)",
            "http://example.com/",
            "https://user@example.com/",
            "https://a.b/#x",
        ];

        for address in bad {
            assert!(!is_web_address(&Url::parse(address).unwrap()), "{address}");
        }
    }
}
