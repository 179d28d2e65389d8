//! Private Postgres and Redis servers for test runs.
