//! Looks names up, and passes on only the addresses that may be connected to.

use std::collections::HashSet;
use std::net::SocketAddr;
use std::sync::Arc;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use super::{Refused, is_public};

/// The system's own way to look a name up.
pub(super) struct System;

impl Resolve for System {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            Ok(Box::new(found.collect::<Vec<_>>().into_iter()) as Addrs)
        })
    }
}

/// Another resolver behind a guard.
pub(super) struct Guarded {
    names: Arc<dyn Resolve>,
    local: Arc<HashSet<String>>,
    proxies: HashSet<String>,
}

impl Guarded {
    pub(super) fn new(
        names: Arc<dyn Resolve>,
        local: Arc<HashSet<String>>,
        proxies: HashSet<String>,
    ) -> Self {
        Self {
            names,
            local,
            proxies,
        }
    }

    /// A configured loopback host is this machine and nothing else, a proxy wherever the operator has it, and any
    /// other name a public one.
    fn rule(&self, name: &str) -> fn(&SocketAddr) -> bool {
        if self.local.contains(name) {
            |address| address.ip().is_loopback()
        } else if self.proxies.contains(name) {
            |_| true
        } else {
            |address| is_public(address.ip())
        }
    }
}

impl Resolve for Guarded {
    fn resolve(&self, name: Name) -> Resolving {
        let may_be_reached = self.rule(name.as_str());
        let names = Arc::clone(&self.names);
        Box::pin(async move {
            let found: Vec<SocketAddr> = names.resolve(name).await?.filter(may_be_reached).collect();
            if found.is_empty() {
                return Err(Refused::NotPublic.into());
            }
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}
