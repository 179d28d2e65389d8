//! Redis as Vitrine reaches it: one server or a cluster, plain or encrypted, with limits on every wait.
//!
//! Scripts and commands go through a [`Connection`], which is made when needed, again when lost, and given up when
//! the server behind it no longer does its work. News come through a [`Subscription`].

mod address;
mod cause;
mod connection;
mod encryption;
mod eviction;
mod health_check;
mod probe;
mod route;
mod subscription;
mod tcp;
mod time_limit;

pub use address::Address;
pub use cause::Cause;
pub use connection::Connection;
pub use eviction::watch_eviction;
pub use subscription::{Channels, Subscription, trouble};
pub use tcp::notice_silence;
pub use time_limit::within;

use std::time::Duration;

/// How long Redis may take to answer.
pub const ANSWER: Duration = Duration::from_secs(5);

/// How long it may take to connect.
pub const CONNECT: Duration = Duration::from_secs(2);
