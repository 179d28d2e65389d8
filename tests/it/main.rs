//! Whole roles against real engines.

mod arrows;
mod bad_input;
mod compose;
mod configuration;
mod connecting;
mod isolation;
mod main_job;
mod roles;
mod serving;
mod sessions;
mod support;
mod syncing;
mod tokens;
