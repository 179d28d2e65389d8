//! Sessions, and the tokens that they are shown by.

pub(super) mod access_token;
pub(super) mod admin;
pub(super) mod guard;
#[cfg(test)]
pub(super) mod key_rotation;
pub(super) mod lifecycle;
pub(super) mod refresh_token;
pub(super) mod token_refresh;
pub(super) mod user_sessions;
