//! From the configuration to running parts. No rule lives here.

mod clear_text;
mod engines;
mod mail;
mod services;

pub(crate) use engines::{Engines, check_migrations, connect_database, migrate, shared_queue, unusable_keys};
pub(crate) use services::{Parts, Services, cadence};
