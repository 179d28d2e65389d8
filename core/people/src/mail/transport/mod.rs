//! How emails leave: over SMTP, or as files.

mod files;
mod relay;
mod smtp;
mod socket;

pub use files::Files;
pub use relay::{BadRelay, Encryption, Relay};
pub use smtp::Smtp;

use lettre::Message;
use vitrine_entity::OutboxId;

/// Where emails go.
#[derive(Clone)]
pub enum Transport {
    /// To a mail server.
    Smtp(Smtp),
    /// Into a directory.
    Files(Files),
}

/// Why an email did not leave.
#[derive(Debug, thiserror::Error)]
pub enum DeliveryError {
    /// It was surely not taken; another try makes sense.
    #[error("not now: {0}")]
    NotNow(String),
    /// It was surely not taken, and never will be.
    #[error("never: {0}")]
    Never(String),
    /// Nobody knows whether it was taken.
    #[error("in doubt: {0}")]
    InDoubt(String),
}

/// An email for which everything is ready but the last step.
pub(super) enum Ready {
    Smtp(Box<smtp::Conversation>),
    File(files::Draft),
}

impl Transport {
    /// Does all that can be done without delivering the email: whoever stops after it has sent nothing.
    pub(super) async fn prepare(&self, row: OutboxId, message: &Message) -> Result<Ready, DeliveryError> {
        match self {
            Self::Smtp(smtp) => Ok(Ready::Smtp(Box::new(smtp.prepare(message).await?))),
            Self::Files(files) => Ok(Ready::File(files.prepare(row, message).await?)),
        }
    }

    /// Whether an email was delivered whose last step was begun and not heard of again; none when nobody can
    /// know.
    pub(super) async fn was_delivered(&self, row: OutboxId) -> Option<bool> {
        match self {
            Self::Smtp(_) => None,
            Self::Files(files) => Some(files.holds(row).await),
        }
    }
}

impl Ready {
    /// The last step.
    pub(super) async fn deliver(self) -> Result<(), DeliveryError> {
        match self {
            Self::Smtp(conversation) => conversation.deliver().await,
            Self::File(draft) => draft.deliver().await,
        }
    }
}
