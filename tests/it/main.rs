//! Whole roles against real engines.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on has failed"
)]

mod feeds;
mod http;
mod identity;
mod instagram;
mod operations;
mod structure;
mod support;
mod tenants;
