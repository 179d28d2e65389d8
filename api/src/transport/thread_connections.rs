//! Connections of one thread.

use super::{
    connection::{Clock, Connection, LOOKED_AT_EVERY},
    connection_limits::ConnectionSlot,
    thread_registry::ThreadRegistry,
    timeouts::Timeouts,
};
use actix_web::rt;
use std::{
    cell::{Cell, RefCell},
    collections::HashMap,
    rc::{Rc, Weak},
};
use tokio::{
    sync::{mpsc, oneshot},
    time::interval,
};

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
        let line = Rc::new(Connection::new(Rc::clone(&self.clock), number, place));
        self.open.borrow_mut().insert(number, Rc::downgrade(&line));
        line
    }

    fn look(&self) {
        let ended = self.clock.tick();
        self.forget(ended);
        for line in self.open.borrow().values().filter_map(Weak::upgrade) {
            if let Some(why) = line.overdue(&self.timeouts).filter(|_| !line.is_cut()) {
                line.cut(why);
            }
        }
    }

    fn forget(&self, ended: Vec<u64>) {
        let mut open = self.open.borrow_mut();
        for number in ended {
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
