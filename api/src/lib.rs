//! The HTTP API: routes, authentication, problems, public feeds.

pub mod extract;
pub mod middleware;
mod page;
pub mod problem;
mod public;
