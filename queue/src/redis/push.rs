//! Adding jobs.

use super::{RedisStore, milliseconds};
use crate::{ClassName, NewJob, QueueError};

impl RedisStore {
    /// See [`Store::push`](crate::store::Store::push).
    pub(super) async fn push_jobs(&self, class: &ClassName, jobs: &[&NewJob]) -> Result<usize, QueueError> {
        let mut invocation = self.call(&self.scripts.push, class);
        for job in jobs {
            let delay = milliseconds(job.delay);
            invocation
                .arg(job.id.as_str())
                .arg(job.group.as_str())
                .arg(&job.payload[..])
                .arg(delay);
        }
        let (new, set_aside): (usize, u64) = self.invoke("take jobs", class, &invocation).await?;
        Self::warn_set_aside(class, set_aside);
        Ok(new)
    }
}
