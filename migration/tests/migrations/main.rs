//! The migrations, run against real SQLite files and a real Postgres.

mod database;
mod entities;
mod integrity;
mod migrator;
mod plans;
mod samples;
mod schema;
mod words;
