//! What goes into the queue and what comes out of it.

use std::time::Duration;

use bytes::Bytes;
use tokio_util::sync::CancellationToken;

use crate::{ClassName, GroupKey, JobId, QueueError};

/// Longer ids would cost more than the jobs they name.
const LONGEST_ID: usize = 512;

/// What is larger belongs elsewhere, with its name as the payload.
const LARGEST_PAYLOAD: usize = 1 << 20;

/// A job to push.
#[derive(Clone, Debug)]
pub struct NewJob {
    /// Unique within the class while the job is ready, delayed or running. 1 to 512 bytes.
    pub id: JobId,
    /// Decides which workers run it.
    pub class: ClassName,
    /// Whose turn it takes. At most 65,535 bytes.
    pub group: GroupKey,
    /// Opaque to the queue: handed to the handler byte for byte. At most 1 MiB.
    pub payload: Bytes,
    /// How long to hold it back before it is ready; zero for at once. More than a hundred years counts as that.
    pub delay: Duration,
}

impl NewJob {
    /// Refuses what no engine takes.
    pub(crate) fn check(&self) -> Result<(), QueueError> {
        if !(1..=LONGEST_ID).contains(&self.id.as_str().len()) {
            return Err(QueueError::IdLength(self.id.as_str().len()));
        }
        if u16::try_from(self.group.as_str().len()).is_err() {
            return Err(QueueError::GroupTooLong(self.id.clone()));
        }
        if self.payload.len() > LARGEST_PAYLOAD {
            let (id, bytes) = (self.id.clone(), self.payload.len());
            return Err(QueueError::PayloadTooLong { id, bytes });
        }
        Ok(())
    }
}

/// A job handed to a handler, under a lease that is renewed until the handler returns.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// The id it was pushed with.
    pub id: JobId,
    /// Its class.
    pub class: ClassName,
    /// Its group.
    pub group: GroupKey,
    /// What was pushed.
    pub payload: Bytes,
    /// Counts from 1. A worker that died while it held the job used one up, and so did each
    /// [`Retry`](crate::Outcome::Retry); [`Later`](crate::Outcome::Later) and a graceful stop did not.
    pub attempt: u32,
    /// The attempt after which a failure is final.
    pub max_attempts: u32,
    /// Cancelled when the lease is gone, or can no longer be shown to hold: another worker may have the job,
    /// so the handler should stop before its next effect. What it returns then counts for nothing.
    pub lease_lost: CancellationToken,
}
