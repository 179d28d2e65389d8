//! From the configuration to running parts. No rule lives here.

mod engines;
mod mail;
pub(crate) mod master_key;
mod plaintext;
mod schema;
mod services;

pub(crate) use engines::{Engines, connect_database, shared_queue, unusable_keys};
pub(crate) use schema::{check_migrations, migrate};
pub(crate) use services::{Parts, Services, cadence};
