//! How many connections there are, and from where.

use super::trusted_proxies::TrustedProxies;
use std::{
    collections::HashMap,
    net::{IpAddr, Ipv6Addr},
    num::NonZeroUsize,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

/// How many connections are held at once.
#[derive(Clone, Copy, Debug)]
pub struct ConnectionLimits {
    /// In all.
    pub in_all: NonZeroUsize,
    /// From one network: an IPv4 address, an IPv6 /64. This machine and trusted proxies have no limit of their own,
    /// since many clients come through them.
    pub per_network: NonZeroUsize,
}

/// Counts the connections of all threads. Clones count together.
#[derive(Clone, Debug)]
pub(crate) struct ConnectionCounter(Arc<Counts>);

#[derive(Debug)]
struct Counts {
    limits: ConnectionLimits,
    proxies: TrustedProxies,
    all: AtomicUsize,
    by_network: Mutex<HashMap<IpAddr, usize>>,
}

/// Why a connection was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ConnectionRefused {
    /// There are too many in all.
    #[error("there are too many connections")]
    InAll,
    /// There are too many from this network.
    #[error("there are too many connections from one network")]
    FromThere,
}

impl ConnectionRefused {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::InAll => "all",
            Self::FromThere => "network",
        }
    }
}

impl ConnectionCounter {
    pub(crate) fn new(limits: ConnectionLimits, proxies: TrustedProxies) -> Self {
        Self(Arc::new(Counts {
            limits,
            proxies,
            all: AtomicUsize::new(0),
            by_network: Mutex::default(),
        }))
    }

    /// A place for a connection, until it is dropped.
    ///
    /// # Errors
    /// When there is none.
    pub(crate) fn enter(&self, peer: IpAddr) -> Result<ConnectionSlot, ConnectionRefused> {
        let address = peer.to_canonical();
        let counted = !(address.is_loopback() || self.0.proxies.trusts(address));
        let place = ConnectionSlot {
            counter: self.clone(),
            network: counted.then(|| network_of(address)),
        };
        // Dropped where it is refused, which takes both counts back.
        let all = self.0.all.fetch_add(1, Ordering::Relaxed) + 1;
        let from_there = place.network.map_or(0, |network| self.one_more_from(network));
        metrics::gauge!("vitrine_http_connections").increment(1);
        if all > self.0.limits.in_all.get() {
            return Err(ConnectionRefused::InAll);
        }
        match from_there > self.0.limits.per_network.get() {
            true => Err(ConnectionRefused::FromThere),
            false => Ok(place),
        }
    }

    fn one_more_from(&self, network: IpAddr) -> usize {
        let mut networks = self.networks();
        let count = networks.entry(network).or_default();
        *count += 1;
        *count
    }

    fn one_less_from(&self, network: IpAddr) {
        let mut networks = self.networks();
        if let Some(count) = networks.get_mut(&network) {
            *count -= 1;
            if *count == 0 {
                networks.remove(&network);
            }
        }
    }

    fn networks(&self) -> MutexGuard<'_, HashMap<IpAddr, usize>> {
        self.0.by_network.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The place of a connection.
#[derive(Debug)]
pub(crate) struct ConnectionSlot {
    counter: ConnectionCounter,
    network: Option<IpAddr>,
}

impl ConnectionSlot {
    /// The network whose place it is; none for this machine and trusted proxies.
    pub(super) fn network(&self) -> Option<IpAddr> {
        self.network
    }

    /// Whether three quarters of all places are taken.
    pub(super) fn is_scarce(&self) -> bool {
        let Counts { limits, all, .. } = &*self.counter.0;
        all.load(Ordering::Relaxed) > limits.in_all.get() / 4 * 3
    }
}

impl Drop for ConnectionSlot {
    fn drop(&mut self) {
        self.counter.0.all.fetch_sub(1, Ordering::Relaxed);
        metrics::gauge!("vitrine_http_connections").decrement(1);
        if let Some(network) = self.network {
            self.counter.one_less_from(network);
        }
    }
}

/// Of IPv6 a household has a whole network, whose first half is its own.
fn network_of(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX)).into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counter(in_all: usize, per_network: usize) -> ConnectionCounter {
        let limits = ConnectionLimits {
            in_all: NonZeroUsize::new(in_all).unwrap(),
            per_network: NonZeroUsize::new(per_network).unwrap(),
        };
        ConnectionCounter::new(limits, TrustedProxies::new(vec!["10.0.0.0/8".parse().unwrap()]))
    }

    fn enter(counter: &ConnectionCounter, address: &str) -> Result<ConnectionSlot, ConnectionRefused> {
        counter.enter(address.parse().unwrap())
    }

    #[test]
    fn one_network_has_so_many_and_gets_them_back() {
        let counter = counter(100, 2);
        let first = enter(&counter, "2001:db8::1");
        let _second = enter(&counter, "2001:db8::2").unwrap();

        assert_eq!(
            enter(&counter, "2001:db8::3").unwrap_err(),
            ConnectionRefused::FromThere
        );
        let _elsewhere = enter(&counter, "2001:db8:0:1::3").unwrap();
        drop(first);
        let _again = enter(&counter, "2001:db8::3").unwrap();
        assert_eq!(counter.networks().len(), 2);
    }

    #[test]
    fn proxies_and_this_machine_are_bounded_by_all_alone() {
        let counter = counter(8, 1);
        let mut places = Vec::new();
        for _ in 0..4 {
            places.push(enter(&counter, "::ffff:10.1.2.3").unwrap());
            places.push(enter(&counter, "127.0.0.1").unwrap());
        }

        assert!(places[0].is_scarce());
        assert_eq!(
            enter(&counter, "127.0.0.1").unwrap_err(),
            ConnectionRefused::InAll
        );
        places.clear();
        let place = enter(&counter, "203.0.113.5").unwrap();
        assert!(!place.is_scarce());
    }
}
