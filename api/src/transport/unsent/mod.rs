//! How much memory the answers take that clients have not read yet.

mod share;

use super::{
    connection::Connection,
    slices::{LONGEST_WHOLE, Slices},
};
use actix_web::{
    body::{BodySize, BoxBody, MessageBody},
    web::Bytes,
};
use share::Share;
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
            if share.get().is_empty() {
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
mod tests;
