//! What somebody logs in with, and how it is changed: the password, also a forgotten one, and the email address.

pub(super) mod email_confirmation;
pub(super) mod password_recovery;
pub(super) mod unverified_takeover;
