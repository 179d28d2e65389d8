//! How the server stops: nothing that was taken is dropped.

use super::{in_flight::InFlight, thread_registry::ThreadRegistry};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use std::{
    net::TcpListener,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use tokio::time::{sleep, timeout};

/// How often is looked whether somebody is still owed an answer.
const LOOK_EVERY: Duration = Duration::from_millis(25);
/// Looks in a row that must find nothing: between two of them a connection goes from the system to its thread.
const QUIET_LOOKS: u32 = 4;

/// Whether the server stops. Clones know the same.
#[derive(Clone, Debug, Default)]
pub struct Stop(Arc<AtomicBool>);

impl Stop {
    /// Whether it does.
    pub(crate) fn has_begun(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    pub(super) fn begin(&self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Takes no new connections, and waits until every client that has one is answered, for at most so long.
pub(super) async fn finish(
    listener: TcpListener,
    registry: &ThreadRegistry,
    in_flight: &InFlight,
    at_most: Duration,
) {
    turn_away(&listener);
    let finished = timeout(at_most, all_answered(&listener, registry, in_flight)).await;
    if finished.is_err() {
        tracing::warn!("not every request was answered in time");
    }
}

async fn all_answered(listener: &TcpListener, registry: &ThreadRegistry, in_flight: &InFlight) {
    let mut quiet = 0;
    while quiet < QUIET_LOOKS {
        sleep(LOOK_EVERY).await;
        in_flight.has_ended().await;
        let unanswered = has_waiting(listener) || registry.unanswered().await > 0;
        quiet = if unanswered { 0 } else { quiet + 1 };
    }
}

/// Whether connections wait to be taken.
fn has_waiting(listener: &TcpListener) -> bool {
    let mut waiting = [PollFd::new(listener, PollFlags::IN)];
    poll(&mut waiting, Some(&Timespec::default())).is_ok_and(|ready| ready > 0)
}

/// Has the system ignore who wants to connect from now on: closing the listener would reset connections that were
/// made but not yet taken, with what was sent over them. Whoever was ignored asks again after a second, and finds
/// the listener closed.
#[cfg(target_os = "linux")]
fn turn_away(listener: &TcpListener) {
    use socket2::{SockFilter, SockRef};

    /// Where the flags of a TCP header are.
    const FLAGS: u32 = 13;
    const SYN: u32 = 0x02;
    /// Packets with that flag are ignored, all others taken (<https://www.kernel.org/doc/html/latest/networking/filter.html>).
    const LOAD_BYTE: u16 = 0x30;
    const JUMP_IF_SET: u16 = 0x45;
    const RETURN: u16 = 0x06;
    let filter = [
        SockFilter::new(LOAD_BYTE, 0, 0, FLAGS),
        SockFilter::new(JUMP_IF_SET, 0, 1, SYN),
        SockFilter::new(RETURN, 0, 0, 0),
        SockFilter::new(RETURN, 0, 0, u32::MAX),
    ];
    if let Err(error) = SockRef::from(listener).attach_filter(&filter) {
        tracing::warn!(%error, "connections that are made while the listener closes may be reset");
    }
}

/// Elsewhere the last connections may be reset.
#[cfg(not(target_os = "linux"))]
fn turn_away(_: &TcpListener) {}
