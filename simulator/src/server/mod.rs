//! A simulator that runs: its listener and routes, its state file, and steering it from the same process.

mod index_page;
mod listener;
mod routes;
mod running;
mod state_file;
mod steering;

pub use running::{RunningSimulator, Simulator};
