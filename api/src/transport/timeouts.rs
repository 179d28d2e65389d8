//! How long clients may take.

use std::time::Duration;

/// How long a client may take to send the head of a request.
pub(crate) const HEAD_TIMEOUT: Duration = Duration::from_secs(10);

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
