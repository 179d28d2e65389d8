//! What the operating system does about connections whose other end fell silent.

use std::{io, time::Duration};

use redis::io::tcp::{
    TcpSettings,
    socket2::{SockRef, TcpKeepalive},
};
use tokio::net::TcpStream;

/// An idle connection is asked for a sign of life after this time.
const IDLE: Duration = Duration::from_secs(10);

/// How long the system waits before it asks again.
const ASKED_AGAIN: Duration = Duration::from_secs(5);

/// A connection that leaves so many questions open is closed.
const QUESTIONS: u32 = 3;

/// A connection on which nothing that was sent is acknowledged for this long is closed.
#[cfg(target_os = "linux")]
const UNACKNOWLEDGED: Duration = Duration::from_secs(15);

/// How every connection to Redis is set up.
pub(crate) fn settings() -> TcpSettings {
    let settings = TcpSettings::default()
        .set_nodelay(true)
        .set_keepalive(keepalive());
    #[cfg(target_os = "linux")]
    let settings = settings.set_user_timeout(UNACKNOWLEDGED);
    settings
}

/// Has the system close a connection to any other server as it closes those to Redis: within half a minute after its
/// other end fell silent.
///
/// # Errors
/// When the system does not take the settings.
pub fn notice_silence(stream: &TcpStream) -> io::Result<()> {
    let socket = SockRef::from(stream);
    socket.set_tcp_keepalive(&keepalive())?;
    #[cfg(target_os = "linux")]
    socket.set_tcp_user_timeout(Some(UNACKNOWLEDGED))?;
    Ok(())
}

fn keepalive() -> TcpKeepalive {
    TcpKeepalive::new()
        .with_time(IDLE)
        .with_interval(ASKED_AGAIN)
        .with_retries(QUESTIONS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_silent_peer_is_noticed_within_half_a_minute() {
        assert!(IDLE + ASKED_AGAIN * QUESTIONS < Duration::from_secs(30));
        assert!(settings().nodelay() && settings().keepalive().is_some());
        #[cfg(target_os = "linux")]
        assert_eq!(settings().user_timeout(), Some(UNACKNOWLEDGED));
    }
}
