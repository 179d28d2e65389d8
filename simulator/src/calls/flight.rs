//! How many calls of an account are under way at the same time.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::endpoint::Endpoint;

#[derive(Debug, Default)]
struct Gauge {
    now: AtomicU64,
    most: AtomicU64,
}

impl Gauge {
    fn rise(&self) {
        let now = self.now.fetch_add(1, Ordering::AcqRel) + 1;
        self.most.fetch_max(now, Ordering::AcqRel);
    }

    fn fall(&self) {
        self.now.fetch_sub(1, Ordering::AcqRel);
    }

    fn most(&self) -> u64 {
        self.most.load(Ordering::Acquire)
    }

    fn forget(&self) {
        self.most
            .store(self.now.load(Ordering::Acquire), Ordering::Release);
    }
}

/// The calls of one account under way. Renewing a token and reading with it are counted apart, since a caller
/// may well do both at once.
#[derive(Debug, Default)]
pub(crate) struct Flight {
    renewing: Gauge,
    reading: Gauge,
}

impl Flight {
    /// Counts a call until what this gives is dropped.
    pub(crate) fn of(self: &Arc<Self>, endpoint: Endpoint) -> UnderWay {
        let under_way = UnderWay {
            flight: Arc::clone(self),
            renews: endpoint == Endpoint::Refresh,
        };
        under_way.gauge().rise();
        under_way
    }

    /// The most calls of one purpose that were ever under way at once.
    pub(crate) fn most(&self) -> u64 {
        self.renewing.most().max(self.reading.most())
    }

    /// Forgets how many there were; those under way go on counting.
    pub(crate) fn forget(&self) {
        self.renewing.forget();
        self.reading.forget();
    }
}

/// A call under way: until it is answered, its caller leaves or it is cut off.
#[derive(Debug)]
pub(crate) struct UnderWay {
    flight: Arc<Flight>,
    renews: bool,
}

impl UnderWay {
    fn gauge(&self) -> &Gauge {
        if self.renews {
            &self.flight.renewing
        } else {
            &self.flight.reading
        }
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.gauge().fall();
    }
}
