//! People, their places in tenants, what they did, and what is sent to them.

pub mod audit_event;
pub mod invitation;
pub mod mail_link;
pub mod membership;
pub mod outbox;
pub mod recovery_code;
pub mod second_factor;
pub mod session;
pub mod user;
