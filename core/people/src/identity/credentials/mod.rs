//! What somebody logs in with, and how it is changed: the password, also a forgotten one, and the email address.

pub(super) mod email_confirmation;
pub(super) mod password_change;
pub(super) mod password_recovery;
mod unverified_takeover;
pub(super) mod verification_email;
