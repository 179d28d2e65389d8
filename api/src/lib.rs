//! The HTTP API: routes, authentication, problems, public feeds.
//!
//! [`serve`] answers with an [`App`] over the routes. Everything that
//! goes wrong is answered as a [`Problem`].

mod app;
mod asset;
mod auth;
mod compat;
mod docs;
mod extract;
mod graph;
mod letters;
mod listing;
mod middleware;
mod openapi;
mod operators;
mod page;
mod probe;
mod problem;
mod public;
mod refresh_cookie;
mod routes;
mod server;
#[cfg(test)]
mod testing;
mod unlisted_proxy;
mod v1;
mod visit;

pub use app::{App, Settings};
pub use middleware::Repeats;
pub use probe::{Probe, ProbeError};
pub use problem::{Code, InvalidField, Problem};
pub use public::AtHand;
pub use server::{ConnectionLimits, Running, Serving, Stop, Unsent, serve, serve_metrics};
pub use visit::{Network, TrustedProxies};
