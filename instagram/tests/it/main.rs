//! The client against real servers on loopback.

#![expect(
    clippy::unwrap_used,
    reason = "what fails in a helper of a test fails the test"
)]

mod addresses;
mod fields;
mod grants;
mod media;
mod observability;
mod outgoing;
mod profile;
mod refusals;
mod requests;
mod secrecy;
mod server;
mod tls;
mod trouble;
mod wire;
