//! The program as an operator runs it, and what it survives.

mod admin;
mod clustered;
mod compose;
mod configuration;
mod faults;
mod image;
mod logging;
mod metrics;
mod roles;
mod rolling_restart;
pub(crate) mod sealing;
mod shared_redis;
