//! From the configuration to running parts. No rule lives here.

mod engines;
mod services;

pub(crate) use engines::{Engines, connect_database, migrate};
pub(crate) use services::{Parts, Services};
