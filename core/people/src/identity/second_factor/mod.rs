//! A second factor, and how often a wrong code is taken.

pub(super) mod code_attempts;
pub(super) mod enrolment;
pub(super) mod totp;
