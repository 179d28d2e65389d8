//! Connections of one thread, and how long each may wait for its client.

use super::{connection_limits::ConnectionSlot, thread_registry::ThreadRegistry};
use actix_web::rt;
use std::{
    cell::{Cell, RefCell},
    collections::HashMap,
    net::IpAddr,
    rc::{Rc, Weak},
    task::Waker,
    time::Duration,
};
use tokio::{
    sync::{mpsc, oneshot},
    time::interval,
};

/// How long a client may take to send the head of a request.
pub(crate) const HEAD_TIMEOUT: Duration = Duration::from_secs(10);
/// How often connections are looked at.
const LOOKED_AT_EVERY: Duration = Duration::from_secs(1);
/// A client that connected and then says nothing for so many looks is not waited for by a stop: browsers connect
/// before they know what for.
const SPEAKS_WITHIN: Moment = 2;

/// How long a connection may wait for its client.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Timeouts {
    /// For the rest of a request's head.
    pub(crate) head: Duration,
    /// For bytes of an answer to be taken, a buffer at a time.
    pub(crate) writing: Duration,
    /// For the next request, beyond what keep-alive allows: what ends connections that keep-alive does not know of.
    pub(crate) idle: Duration,
    /// The same, while connections are scarce.
    pub(crate) idle_when_crowded: Duration,
}

impl Timeouts {
    /// What clients are given.
    pub(crate) const USUAL: Self = Self {
        head: HEAD_TIMEOUT,
        writing: Duration::from_secs(30),
        idle: Duration::from_secs(80),
        idle_when_crowded: Duration::from_secs(5),
    };
}

/// Why a connection was cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum CloseReason {
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

#[derive(Debug, Default)]
struct Clock {
    now: Cell<Moment>,
    ended: RefCell<Vec<u64>>,
}

impl Connection {
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
    fn is_unanswered(&self) -> bool {
        let is_new = self.thread.now.get() - self.moved.get() <= SPEAKS_WITHIN;
        let may_speak = !self.spoke.get() && is_new;
        !self.cut.get() && (may_speak || self.asked.get().is_some())
    }

    fn overdue(&self, timeouts: &Timeouts) -> Option<CloseReason> {
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

    fn cut(&self, why: CloseReason) {
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

/// All connections of a thread, looked at once a second.
pub(crate) struct Connections {
    clock: Rc<Clock>,
    open: RefCell<HashMap<u64, Weak<Connection>>>,
    opened: Cell<u64>,
    timeouts: Timeouts,
    registry: ThreadRegistry,
}

impl Connections {
    pub(crate) fn new(timeouts: Timeouts, registry: ThreadRegistry) -> Rc<Self> {
        Rc::new(Self {
            clock: Rc::default(),
            open: RefCell::default(),
            opened: Cell::new(0),
            timeouts,
            registry,
        })
    }

    /// One more, which is looked at until it is dropped.
    pub(crate) fn open(self: &Rc<Self>, place: ConnectionSlot) -> Rc<Connection> {
        let number = self.opened.get();
        self.opened.set(number + 1);
        if number == 0 {
            rt::spawn(look_after(Rc::downgrade(self), self.registry.join()));
        }
        let line = Rc::new(Connection {
            thread: Rc::clone(&self.clock),
            number,
            place,
            running: Cell::new(0),
            spoke: Cell::new(false),
            asked: Cell::new(None),
            blocked: Cell::new(None),
            moved: Cell::new(self.clock.now.get()),
            cut: Cell::new(false),
            waker: RefCell::new(None),
        });
        self.open.borrow_mut().insert(number, Rc::downgrade(&line));
        line
    }

    fn look(&self) {
        self.clock.now.set(self.clock.now.get() + 1);
        self.forget_the_ended();
        for line in self.open.borrow().values().filter_map(Weak::upgrade) {
            if let Some(why) = line.overdue(&self.timeouts).filter(|_| !line.is_cut()) {
                line.cut(why);
            }
        }
    }

    fn forget_the_ended(&self) {
        let mut open = self.open.borrow_mut();
        for number in self.clock.ended.take() {
            open.remove(&number);
        }
    }

    /// How many clients wait for something that nobody has begun to answer.
    fn unanswered(&self) -> usize {
        let open = self.open.borrow();
        open.values()
            .filter_map(Weak::upgrade)
            .filter(|line| line.is_unanswered())
            .count()
    }
}

async fn look_after(
    lines: Weak<Connections>,
    mut questions: mpsc::UnboundedReceiver<oneshot::Sender<usize>>,
) {
    let mut ticks = interval(LOOKED_AT_EVERY);
    loop {
        let question = tokio::select! {
            _ = ticks.tick() => None,
            Some(question) = questions.recv() => Some(question),
        };
        let Some(lines) = lines.upgrade() else { return };
        match question {
            None => lines.look(),
            Some(answer) => {
                let _asked_no_more = answer.send(lines.unanswered());
            }
        }
    }
}
