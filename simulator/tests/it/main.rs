//! The simulator seen from outside, over HTTP.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod callbacks;
mod calls;
mod consent;
mod control;
mod exchange;
mod faults;
mod files;
mod media;
mod modes;
mod paging;
mod restart;
mod support;
mod tokens;
mod usage;
mod users;
