//! Emails as files, for development and for whoever has no mail server.

use super::DeliveryError;
use lettre::Message;
use std::{
    io::{self, ErrorKind},
    path::{Path, PathBuf},
};
use tokio::fs;
use vitrine_base::random;
use vitrine_entity::OutboxId;

const OWNERS_DIRECTORY: u32 = 0o700;
const OWNER_ONLY: u32 = 0o600;

/// Puts each email into a directory, as `<id of its row>.eml`. An email is there whole or not at all, and once
/// whatever dies meanwhile.
#[derive(Clone, Debug)]
pub struct Files {
    directory: PathBuf,
}

/// An email written under a name that nobody looks for.
pub(in crate::mail) struct Draft {
    draft: PathBuf,
    message: PathBuf,
}

impl Files {
    /// Files in this directory, which is made for its owner alone when the first email comes.
    #[must_use]
    pub fn in_directory(directory: PathBuf) -> Self {
        Self { directory }
    }

    pub(super) async fn prepare(&self, row: OutboxId, message: &Message) -> Result<Draft, DeliveryError> {
        let draft = self
            .directory
            .join(format!(".{row}.{}", u32::from_ne_bytes(random::bytes())));
        let written = write(&self.directory, &draft, &message.formatted()).await;
        written.map_err(|error| DeliveryError::NotNow(error.to_string()))?;
        Ok(Draft {
            draft,
            message: self.message(row),
        })
    }

    pub(super) async fn holds(&self, row: OutboxId) -> bool {
        fs::try_exists(self.message(row)).await.unwrap_or(false)
    }

    /// Every email and draft that lies here. A directory that is not there, or cannot be read, holds none.
    pub(in crate::mail) async fn kept(&self) -> Vec<Kept> {
        let mut kept = Vec::new();
        let Ok(mut entries) = fs::read_dir(&self.directory).await else {
            return kept;
        };
        while let Ok(Some(entry)) = entries.next_entry().await {
            if let Some(row) = entry.file_name().to_str().and_then(row_of) {
                kept.push(Kept {
                    row,
                    path: entry.path(),
                });
            }
        }
        kept
    }

    fn message(&self, row: OutboxId) -> PathBuf {
        self.directory.join(format!("{row}.eml"))
    }
}

/// An email or a draft that lies in the directory.
pub(in crate::mail) struct Kept {
    /// Whose email it is.
    pub(in crate::mail) row: OutboxId,
    path: PathBuf,
}

impl Kept {
    /// Whether it is gone by this.
    pub(in crate::mail) async fn delete(&self) -> bool {
        match fs::remove_file(&self.path).await {
            Ok(()) => true,
            Err(error) if error.kind() == ErrorKind::NotFound => false,
            Err(error) => {
                tracing::warn!(error = %error, outbox.id = %self.row, "could not delete the file of an email");
                false
            }
        }
    }
}

/// The row of a file that is ours: `<row>.eml`, or `.<row>.<number>` for a draft.
fn row_of(name: &str) -> Option<OutboxId> {
    let row = match name.strip_prefix('.') {
        Some(draft) => draft.split_once('.')?.0,
        None => name.strip_suffix(".eml")?,
    };
    row.parse().ok()
}

impl Draft {
    /// A link is made in one step and never over a file that is there.
    pub(super) async fn deliver(self) -> Result<(), DeliveryError> {
        let linked = fs::hard_link(&self.draft, &self.message).await;
        let _the_draft_is_of_no_use = fs::remove_file(&self.draft).await;
        match linked {
            Err(error) if error.kind() != ErrorKind::AlreadyExists => {
                Err(DeliveryError::NotNow(error.to_string()))
            }
            _ => Ok(()),
        }
    }
}

async fn write(directory: &Path, draft: &Path, message: &[u8]) -> io::Result<()> {
    use tokio::io::AsyncWriteExt;
    fs::DirBuilder::new()
        .recursive(true)
        .mode(OWNERS_DIRECTORY)
        .create(directory)
        .await?;
    let mut file = fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(OWNER_ONLY)
        .open(draft)
        .await?;
    file.write_all(message).await?;
    file.sync_all().await
}
