//! A connection, and how long it has waited for its client.

use super::{connection_limits::ConnectionSlot, timeouts::Timeouts};
use std::{
    cell::{Cell, RefCell},
    net::IpAddr,
    rc::Rc,
    task::Waker,
    time::Duration,
};

/// How often connections are looked at.
pub(super) const LOOKED_AT_EVERY: Duration = Duration::from_secs(1);
/// A client that connected and then says nothing for so many looks is not waited for by a stop: browsers connect
/// before they know what for.
const SPEAKS_WITHIN: Moment = 2;

/// Why a connection was cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CloseReason {
    Writing,
    Head,
    Idle,
}

impl CloseReason {
    fn name(self) -> &'static str {
        match self {
            Self::Writing => "writing",
            Self::Head => "head",
            Self::Idle => "idle",
        }
    }
}

/// Moments in looks since the thread began: reading a clock for each packet would cost more than it tells.
type Moment = u64;

/// One connection.
#[derive(Debug)]
pub(crate) struct Connection {
    thread: Rc<Clock>,
    number: u64,
    place: ConnectionSlot,
    /// Requests of it that are being answered.
    running: Cell<u32>,
    /// Whether it ever sent anything.
    spoke: Cell<bool>,
    /// When it sent the first bytes that nothing was written after.
    asked: Cell<Option<Moment>>,
    /// Since when it takes no more of an answer.
    blocked: Cell<Option<Moment>>,
    moved: Cell<Moment>,
    cut: Cell<bool>,
    waker: RefCell<Option<Waker>>,
}

/// The looks of a thread, and which of its connections have ended since the last.
#[derive(Debug, Default)]
pub(super) struct Clock {
    now: Cell<Moment>,
    ended: RefCell<Vec<u64>>,
}

impl Clock {
    /// One more look; gives which connections have ended since the one before.
    pub(super) fn tick(&self) -> Vec<u64> {
        self.now.set(self.now.get() + 1);
        self.ended.take()
    }
}

impl Connection {
    /// A connection that begins.
    pub(super) fn new(thread: Rc<Clock>, number: u64, place: ConnectionSlot) -> Self {
        let moved = Cell::new(thread.now.get());
        Self {
            thread,
            number,
            place,
            running: Cell::new(0),
            spoke: Cell::new(false),
            asked: Cell::new(None),
            blocked: Cell::new(None),
            moved,
            cut: Cell::new(false),
            waker: RefCell::new(None),
        }
    }

    /// Bytes came.
    pub(super) fn heard(&self) {
        let now = self.thread.now.get();
        self.spoke.set(true);
        self.moved.set(now);
        if self.asked.get().is_none() {
            self.asked.set(Some(now));
        }
    }

    /// Bytes were taken; `all` of those that were offered.
    pub(super) fn told(&self, all: bool) {
        self.moved.set(self.thread.now.get());
        self.asked.set(None);
        if all {
            self.blocked.set(None);
        }
    }

    /// Nothing is taken at this moment.
    pub(super) fn is_blocked(&self) {
        if self.blocked.get().is_none() {
            self.blocked.set(Some(self.thread.now.get()));
        }
    }

    /// Whom to wake when it is cut.
    pub(super) fn wait(&self, waker: &Waker) {
        let mut waiting = self.waker.borrow_mut();
        match &*waiting {
            Some(known) if known.will_wake(waker) => {}
            _ => *waiting = Some(waker.clone()),
        }
    }

    /// Where it comes from, where connections from there are bounded.
    pub(super) fn network(&self) -> Option<IpAddr> {
        self.place.network()
    }

    pub(super) fn is_cut(&self) -> bool {
        self.cut.get()
    }

    /// A request of it is being answered, until what is given back is dropped.
    pub(super) fn answering(self: &Rc<Self>) -> Answering {
        self.running.set(self.running.get() + 1);
        self.asked.set(None);
        Answering(Rc::clone(self))
    }

    /// Whether its client waits for something that nobody has begun to answer.
    pub(super) fn is_unanswered(&self) -> bool {
        let is_new = self.thread.now.get() - self.moved.get() <= SPEAKS_WITHIN;
        let may_speak = !self.spoke.get() && is_new;
        !self.cut.get() && (may_speak || self.asked.get().is_some())
    }

    pub(super) fn overdue(&self, timeouts: &Timeouts) -> Option<CloseReason> {
        let waited = |since: Moment, limit: Duration| self.thread.now.get() - since > looks(limit);
        let idle = match self.place.is_scarce() {
            true => timeouts.idle_when_crowded,
            false => timeouts.idle,
        };
        if self
            .blocked
            .get()
            .is_some_and(|since| waited(since, timeouts.writing))
        {
            return Some(CloseReason::Writing);
        }
        if self.running.get() > 0 || self.blocked.get().is_some() {
            return None;
        }
        if self.asked.get().is_some_and(|since| waited(since, timeouts.head)) {
            return Some(CloseReason::Head);
        }
        waited(self.moved.get(), idle).then_some(CloseReason::Idle)
    }

    pub(super) fn cut(&self, why: CloseReason) {
        metrics::counter!("vitrine_http_connections_cut_total", "reason" => why.name()).increment(1);
        self.cut.set(true);
        if let Some(waker) = self.waker.take() {
            waker.wake();
        }
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.thread.ended.borrow_mut().push(self.number);
    }
}

/// A request is being answered.
#[derive(Debug)]
pub(crate) struct Answering(Rc<Connection>);

impl Drop for Answering {
    fn drop(&mut self) {
        let Connection {
            running,
            moved,
            thread,
            ..
        } = &*self.0;
        running.set(running.get() - 1);
        moved.set(thread.now.get());
    }
}

/// So many looks take at least this long.
fn looks(limit: Duration) -> Moment {
    u64::try_from(limit.as_nanos().div_ceil(LOOKED_AT_EVERY.as_nanos())).unwrap_or(u64::MAX)
}
