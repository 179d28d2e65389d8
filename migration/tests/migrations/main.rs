//! The migrations, run against real SQLite files and a real Postgres.

#![expect(
    clippy::unwrap_used,
    reason = "a test ends where something unexpected happens"
)]

mod database;
mod entities;
mod integrity;
mod migrator;
mod plans;
mod samples;
mod schema;
mod words;
