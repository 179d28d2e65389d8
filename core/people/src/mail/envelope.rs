//! An email as mail programs take it.

use super::{Email, wording::wording};
use lettre::{
    Message,
    message::{
        Mailbox, MultiPart,
        header::{HeaderName, HeaderValue},
    },
};
use std::time::SystemTime;
use vitrine_entity::{OutboxId, Time};

/// Tells other programs not to answer (RFC 3834).
const AUTO_SUBMITTED: HeaderName = HeaderName::new_from_ascii_str("Auto-Submitted");

/// The email cannot be put into a mail, whatever is tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the address or the text is not possible in an email")]
pub(super) struct Unaddressable;

/// An email in its envelope. The Message-ID is made from the row, so that it is the same in every try.
pub(super) fn build_message(
    row: OutboxId,
    email: &Email,
    from: &Mailbox,
    written: Time,
) -> Result<Message, Unaddressable> {
    let to = email.to().parse().map_err(|_| Unaddressable)?;
    let template = wording(email);
    let body = MultiPart::alternative_plain_html(template.text(), template.html());
    let mut message = Message::builder()
        .from(from.clone())
        .to(Mailbox::new(None, to))
        .subject(template.subject)
        .message_id(Some(format!("<{row}@{}>", from.email.domain())))
        .date(SystemTime::from(written))
        .multipart(body)
        .map_err(|_| Unaddressable)?;
    let automatic = HeaderValue::new(AUTO_SUBMITTED, "auto-generated".to_owned());
    message.headers_mut().insert_raw(automatic);
    Ok(message)
}
