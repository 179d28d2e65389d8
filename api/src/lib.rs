//! The HTTP API: routes, authentication, problems, public feeds.
//!
//! [`serve`] answers with an [`App`] over the routes. Everything that
//! goes wrong is answered as a [`Problem`].

mod app;
mod asset;
mod auth;
mod client_info;
mod compat;
mod extract;
mod listing;
mod middleware;
mod openapi;
mod operators;
mod page;
mod pages;
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

pub use app::{App, Settings};
pub use client_info::TrustedProxies;
pub use middleware::LogThrottle;
pub use probe::{Probe, ProbeError};
pub use problem::{Code, InvalidField, Problem};
pub use public::FastPathMetrics;
pub use server::{ConnectionLimits, InFlight, Serving, Stop, Unsent, serve, serve_metrics};
