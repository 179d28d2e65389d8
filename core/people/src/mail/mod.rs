//! Emails to people: written into the outbox with the change that causes them, sent from there by workers.
//!
//! [`Outbox::put`] writes in the caller's transaction, so that there is no email about a change that did not
//! happen and no change without its email. A worker's [`Mailer`] takes what is due, hands it to a
//! [`Transport`] and writes down what became of it. A row goes with the tenant or person that it is about, or when it is
//! old, and an email that was kept as a file goes with its row.

mod delivery_state;
mod email;
mod envelope;
mod mailer;
mod notice_limit;
mod orphaned_files;
mod outbox;
mod retry;
mod seal;
mod transport;
mod wording;

pub use email::{Email, Notice, SiteEvent};
pub use mailer::{Mailer, Round};
pub(crate) use notice_limit::may_be_notified;
pub use outbox::{About, Outbox};
pub use transport::{BadRelay, DeliveryError, Encryption, Files, Relay, Smtp, Transport};

pub use lettre::message::Mailbox;
