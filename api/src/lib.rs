//! The HTTP API: routes, authentication, problems, public feeds.
//!
//! [`serve`] answers with an [`App`] over the routes. Everything that
//! goes wrong is answered as a [`Problem`].
//!
//! Modules build on those below them: `transport` (connections), `app` (services), `http` (the ground: who asks,
//! problems, extractors, layers), then what is shown on it, `routes`, and `server`. The ground reaches no route.

mod app;
#[cfg(test)]
mod arrows;
mod compat;
mod http;
mod openapi;
mod operators;
mod pages;
mod probe;
mod public;
mod routes;
mod server;
#[cfg(test)]
mod testing;
mod transport;
mod v1;

pub use app::{App, Settings};
pub use http::problem::{Code, InvalidField, Problem};
pub use probe::{Probe, ProbeError};
pub use server::{serve, serve_metrics};
pub use transport::{ConnectionLimits, InFlight, Serving, Stop, TrustedProxies, Unsent};
