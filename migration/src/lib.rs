//! Database migrations for Postgres and SQLite.
