//! Whole roles against real engines.

mod arrows;
mod compose;
mod configuration;
