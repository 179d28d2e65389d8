//! Sessions, and the tokens that they are shown by.

mod access_token;
pub(super) mod admin;
pub(super) mod ending;
pub(super) mod guard;
#[cfg(test)]
mod key_rotation;
pub(super) mod lifecycle;
mod lifetimes;
pub(super) mod opening;
pub(super) mod person;
pub(super) mod refresh_token;
mod retention;
pub(super) mod token_pair;
mod token_refresh;
mod user_sessions;
