//! What the operating system does about connections whose other end fell silent.

use std::time::Duration;

use redis::io::tcp::{TcpSettings, socket2::TcpKeepalive};

/// An idle connection is asked for a sign of life after this time.
const IDLE: Duration = Duration::from_secs(10);

/// How long the system waits before it asks again.
const ASKED_AGAIN: Duration = Duration::from_secs(5);

/// A connection that leaves so many questions open is closed.
const QUESTIONS: u32 = 3;

/// A connection on which nothing that was sent is acknowledged for this long is closed.
const UNACKNOWLEDGED: Duration = Duration::from_secs(15);

/// How every connection to Redis is set up.
pub(crate) fn settings() -> TcpSettings {
    let keepalive = TcpKeepalive::new()
        .with_time(IDLE)
        .with_interval(ASKED_AGAIN)
        .with_retries(QUESTIONS);
    let settings = TcpSettings::default().set_nodelay(true).set_keepalive(keepalive);
    #[cfg(target_os = "linux")]
    let settings = settings.set_user_timeout(UNACKNOWLEDGED);
    settings
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
