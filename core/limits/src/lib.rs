//! How much there may be: what a plan allows, requests of keys, calls to Instagram. And what was used.

pub mod budget;
pub mod counters;
pub mod plans;
pub mod traffic;
pub mod usage;
