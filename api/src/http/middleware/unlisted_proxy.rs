//! A proxy that the operator forgot to list: everybody behind it looks like one client.

use crate::{http::client_info::X_FORWARDED_FOR, transport::TrustedProxies};
use actix_web::dev::ServiceRequest;
use std::{
    net::IpAddr,
    sync::atomic::{AtomicI64, Ordering},
};
use vitrine_base::clock::SharedClock;
use vitrine_entity::Time;

/// How long to be silent after a warning: anybody can send the header.
const SILENCE_SECONDS: i64 = 3_600;

/// Warns when `X-Forwarded-For` comes from an address whose word is not taken.
pub(crate) struct UnlistedProxies {
    trusted: TrustedProxies,
    clock: SharedClock,
    silent_until: AtomicI64,
}

impl UnlistedProxies {
    /// Nothing was seen yet.
    pub(crate) fn new(trusted: TrustedProxies, clock: SharedClock) -> Self {
        Self {
            trusted,
            clock,
            silent_until: AtomicI64::new(i64::MIN),
        }
    }

    /// Looks at one request, and warns once in a while.
    pub(crate) fn check(&self, request: &ServiceRequest) {
        if !request.headers().contains_key(X_FORWARDED_FOR) {
            return;
        }
        let Some(peer) = request.peer_addr().map(|peer| peer.ip().to_canonical()) else {
            return;
        };
        if !self.trusted.trusts(peer) && self.may_speak(self.clock.now()) {
            warn(peer);
        }
    }

    fn may_speak(&self, now: Time) -> bool {
        let now = now.timestamp();
        let next = |silent_until| (silent_until <= now).then(|| now.saturating_add(SILENCE_SECONDS));
        self.silent_until
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, next)
            .is_ok()
    }
}

fn warn(peer: IpAddr) {
    tracing::warn!(
        "{peer} sent X-Forwarded-For and is not in server.trusted_proxies, so everybody behind it counts as one \
         client, also for the limits of logins and registrations; if it is your proxy, set server.trusted_proxies = \
         [\"{peer}\"]"
    );
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeDelta;
    use std::sync::Arc;
    use vitrine_base::clock::{Clock, TestClock};

    #[test]
    fn it_speaks_once_in_an_hour() {
        let clock = TestClock::new();
        let seen = UnlistedProxies::new(TrustedProxies::default(), Arc::new(clock.clone()));
        let now = clock.now();

        assert!(seen.may_speak(now));
        assert!(!seen.may_speak(now) && !seen.may_speak(now + TimeDelta::minutes(59)));
        assert!(seen.may_speak(now + TimeDelta::minutes(60)));
    }
}
