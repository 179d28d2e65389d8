//! The migrations, run against real SQLite files and a real Postgres.

#![expect(
    clippy::unwrap_used,
    reason = "a test ends where something unexpected happens"
)]
#![expect(
    clippy::disallowed_methods,
    reason = "tables are looked at whole, whoever owns the rows"
)]

mod database;
mod entities;
mod integrity;
mod migrator;
mod plans;
mod samples;
mod schema;
mod words;
