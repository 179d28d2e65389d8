//! Connected Instagram accounts, their posts, and the work on them.

pub mod account;
pub mod account_token;
pub mod connect_attempt;
pub mod data_deletion;
pub mod incident;
pub mod job;
pub mod media;
