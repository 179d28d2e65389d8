//! How much memory the answers take that clients have not read yet.

use super::{
    connection::Connection,
    slices::{LONGEST_WHOLE, Slices},
};
use actix_web::{
    body::{BodySize, BoxBody, MessageBody},
    web::Bytes,
};
use std::{
    collections::{HashMap, hash_map::Entry},
    net::IpAddr,
    pin::Pin,
    rc::Rc,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll},
};

/// The bounds in bytes. Some twenty of the largest pages fit into the first at once, and no network alone fills it.
const LIMITS: Limits = Limits {
    in_all: 64 * 1024 * 1024,
    per_network: 16 * 1024 * 1024,
};

#[derive(Clone, Copy, Debug)]
struct Limits {
    in_all: usize,
    /// This machine and trusted proxies have no bound of their own, as with connections.
    per_network: usize,
}

/// Counts the bytes of long answers until they are sent. What many clients are sent counts once, since they share it.
/// Short answers are not counted: connections are. Clones count together.
#[derive(Clone, Debug, Default)]
pub struct Unsent(Arc<Mutex<Counts>>);

#[derive(Debug, Default)]
struct Counts {
    all: Share,
    by_network: HashMap<IpAddr, Share>,
}

/// What some clients have not read yet: each body by its address, and how many are sent it.
#[derive(Debug, Default)]
struct Share {
    bytes: usize,
    readers: HashMap<usize, usize>,
}

impl Share {
    /// Whether one more body fits. One that is larger than all that may wait fits alone.
    fn has_room(&self, body: &Bytes, most: usize) -> bool {
        self.bytes == 0 || self.readers.contains_key(&address(body)) || self.bytes + body.len() <= most
    }

    fn add(&mut self, body: &Bytes) {
        let readers = self.readers.entry(address(body)).or_default();
        if *readers == 0 {
            self.bytes += body.len();
        }
        *readers += 1;
    }

    fn remove(&mut self, body: &Bytes) {
        if let Entry::Occupied(mut readers) = self.readers.entry(address(body)) {
            *readers.get_mut() -= 1;
            if *readers.get() == 0 {
                readers.remove();
                self.bytes -= body.len();
            }
        }
    }
}

/// No other body is there while this one is held.
fn address(body: &Bytes) -> usize {
    body.as_ptr().addr()
}

/// Whether a body is counted.
pub(crate) fn is_long(body: &BoxBody) -> bool {
    matches!(body.size(), BodySize::Sized(length) if length > LONGEST_WHOLE as u64)
}

/// Too much waits for clients that do not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum TooMuch {
    InAll,
    ThereAlone,
}

impl TooMuch {
    fn name(self) -> &'static str {
        match self {
            Self::InAll => "all",
            Self::ThereAlone => "network",
        }
    }
}

impl Unsent {
    /// The body as it may be sent on a connection: a long one in slices, and counted until it is dropped. Nothing
    /// where too much is unsent already.
    pub(crate) fn admit(&self, body: BoxBody, line: Option<&Rc<Connection>>) -> Option<BoxBody> {
        match is_long(&body) {
            true => self.admit_long(body, line.and_then(|line| line.network())),
            false => Some(body),
        }
    }

    fn admit_long(&self, body: BoxBody, network: Option<IpAddr>) -> Option<BoxBody> {
        let bytes = match body.try_into_bytes() {
            Ok(bytes) => bytes,
            // It is made while it is sent.
            Err(body) => return Some(body),
        };
        match self.hold(bytes.clone(), network, LIMITS) {
            Ok(_held) => Some(BoxBody::new(Counted {
                body: Slices::of(bytes),
                _held,
            })),
            Err(refused) => {
                metrics::counter!("vitrine_http_unsent_refused_total", "reason" => refused.name())
                    .increment(1);
                None
            }
        }
    }

    fn hold(&self, body: Bytes, network: Option<IpAddr>, limits: Limits) -> Result<UnsentGuard, TooMuch> {
        let mut counts = self.counts();
        if !counts.all.has_room(&body, limits.in_all) {
            return Err(TooMuch::InAll);
        }
        if let Some(network) = network {
            let share = counts.by_network.entry(network).or_default();
            if !share.has_room(&body, limits.per_network) {
                return Err(TooMuch::ThereAlone);
            }
            share.add(&body);
        }
        counts.all.add(&body);
        counts.record_gauge();
        let unsent = self.clone();
        Ok(UnsentGuard {
            unsent,
            body,
            network,
        })
    }

    fn counts(&self) -> MutexGuard<'_, Counts> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Counts {
    #[expect(clippy::cast_precision_loss, reason = "gauges are floats")]
    fn record_gauge(&self) {
        metrics::gauge!("vitrine_http_unsent_bytes").set(self.all.bytes as f64);
    }
}

/// A body that is counted until this is dropped.
#[derive(Debug)]
struct UnsentGuard {
    unsent: Unsent,
    body: Bytes,
    network: Option<IpAddr>,
}

impl Drop for UnsentGuard {
    fn drop(&mut self) {
        let mut counts = self.unsent.counts();
        counts.all.remove(&self.body);
        if let Some(Entry::Occupied(mut share)) = self.network.map(|network| counts.by_network.entry(network))
        {
            share.get_mut().remove(&self.body);
            if share.get().readers.is_empty() {
                share.remove();
            }
        }
        counts.record_gauge();
    }
}

/// A long body in slices that is counted.
struct Counted {
    body: Slices<Bytes>,
    _held: UnsentGuard,
}

impl MessageBody for Counted {
    type Error = <Bytes as MessageBody>::Error;

    fn size(&self) -> BodySize {
        self.body.size()
    }

    fn poll_next(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Self::Error>>> {
        Pin::new(&mut self.body).poll_next(context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transport::{
        TrustedProxies,
        connection::{Connections, Timeouts},
        connection_limits::{ConnectionCounter, ConnectionLimits},
        thread_registry::ThreadRegistry,
    };
    use actix_web::body::to_bytes;
    use std::{num::NonZeroUsize, time::Duration};

    const FEW: Limits = Limits {
        in_all: 10,
        per_network: 6,
    };

    fn network(number: u8) -> Option<IpAddr> {
        Some([203, 0, 113, number].into())
    }

    fn body(length: usize) -> Bytes {
        vec![7; length].into()
    }

    #[test]
    fn what_many_are_sent_counts_once_and_until_the_last_has_it() {
        let (unsent, shared) = (Unsent::default(), body(6));
        let mut readers: Vec<_> = (0..100)
            .map(|_| unsent.hold(shared.clone(), network(1), FEW).unwrap())
            .collect();
        assert_eq!(unsent.counts().all.bytes, 6);

        readers.truncate(1);
        assert_eq!(unsent.hold(body(6), None, FEW).unwrap_err(), TooMuch::InAll);
        readers.clear();

        assert_eq!(unsent.counts().all.bytes, 0);
        assert!(unsent.counts().by_network.is_empty());
        let _fits = unsent.hold(body(6), None, FEW).unwrap();
    }

    #[test]
    fn one_network_leaves_room_for_others() {
        let unsent = Unsent::default();
        let _first = unsent.hold(body(4), network(1), FEW).unwrap();

        let second = unsent.hold(body(4), network(1), FEW).unwrap_err();
        let _elsewhere = unsent.hold(body(4), network(2), FEW).unwrap();

        assert_eq!(second, TooMuch::ThereAlone);
        assert_eq!(unsent.counts().all.bytes, 8);
    }

    #[test]
    fn a_body_that_is_larger_than_the_bound_is_sent_alone() {
        let unsent = Unsent::default();
        let large = unsent.hold(body(11), network(1), FEW).unwrap();
        assert_eq!(unsent.hold(body(1), None, FEW).unwrap_err(), TooMuch::InAll);

        drop(large);

        let _fits = unsent.hold(body(1), None, FEW).unwrap();
    }

    #[actix_web::test]
    async fn a_long_body_is_sent_whole_and_counted_no_longer_than_it_is_there() {
        let (unsent, whole) = (Unsent::default(), body(LONGEST_WHOLE + 1));

        let sent = unsent.admit(BoxBody::new(whole.clone()), None).unwrap();
        assert_eq!(unsent.counts().all.bytes, whole.len());

        assert_eq!(to_bytes(sent).await.unwrap(), whole);
        assert_eq!(unsent.counts().all.bytes, 0);
    }

    #[actix_web::test]
    async fn a_short_body_is_let_through() {
        let unsent = Unsent::default();

        let _sent = unsent.admit(BoxBody::new(body(LONGEST_WHOLE)), None).unwrap();

        assert_eq!(unsent.counts().all.bytes, 0);
    }

    /// A connection of such a network.
    fn line(number: u8) -> Rc<Connection> {
        let (most, long) = (NonZeroUsize::MAX, Duration::from_mins(1));
        let limits = ConnectionLimits {
            in_all: most,
            per_network: most,
        };
        let timeouts = Timeouts {
            head: long,
            writing: long,
            idle: long,
            idle_when_crowded: long,
        };
        let counter = ConnectionCounter::new(limits, TrustedProxies::default());
        let place = counter.enter(network(number).unwrap()).unwrap();
        Connections::new(timeouts, ThreadRegistry::default()).open(place)
    }

    #[actix_web::test]
    async fn no_network_alone_keeps_long_answers_from_others() {
        let (unsent, one, other) = (Unsent::default(), line(1), line(2));
        let admit = |line, mebibytes: usize| {
            let body = BoxBody::new(body(mebibytes * 1024 * 1024));
            unsent.admit(body, Some(line))
        };

        let _unread = admit(&one, 16).unwrap();

        assert!(admit(&one, 1).is_none());
        assert!(admit(&other, 1).is_some());
    }
}
