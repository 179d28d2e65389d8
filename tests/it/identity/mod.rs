//! Who somebody is: registration, sessions, passwords, second factors, email.

mod ended_sessions;
mod mail;
pub(crate) mod people;
mod sessions;
