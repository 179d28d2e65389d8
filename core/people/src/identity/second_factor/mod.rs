//! A second factor, and how often a wrong code is taken.

mod authenticators;
mod code_attempts;
pub(super) mod codes;
pub(super) mod enrolment;
pub(super) mod recovery_codes;
pub(super) mod rows;
mod totp;

pub(super) use authenticators::Authenticators;
pub(super) use code_attempts::CodeAttempts;
pub use totp::Enrolment;
