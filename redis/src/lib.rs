//! Redis as Vitrine reaches it: one server or a cluster, plain or encrypted, with limits on every wait.
//!
//! Scripts and commands go through a [`Connection`], which is made when needed and again when lost. News go through
//! [`subscriber`]s of their own, to any of the [`Address`]'s seeds.

mod address;
mod connection;
mod encryption;
mod subscriber;

pub use address::Address;
pub use connection::Connection;
pub use subscriber::{in_time, subscriber, trouble};

use std::time::Duration;

/// How long Redis may take to answer.
pub const ANSWER: Duration = Duration::from_secs(5);

/// How long it may take to connect.
pub const CONNECT: Duration = Duration::from_secs(2);
