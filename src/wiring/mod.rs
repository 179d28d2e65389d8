//! From the configuration to running parts. No rule lives here.

mod app;
mod engines;
mod identity;
mod limits;
mod mail;
pub(crate) mod master_key;
mod parts;
mod plaintext;
mod probes;
mod schema;
mod services;
mod worker_context;

pub(crate) use engines::{Engines, connect_database, shared_queue, unusable_keys};
pub(crate) use parts::Parts;
pub(crate) use schema::{check_migrations, migrate};
pub(crate) use services::{Services, cadence};
