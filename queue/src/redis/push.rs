//! Adding jobs.

use vitrine_redis::Cause;

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
        let (new, set_aside): (usize, u64) = match self.invoke("take jobs", class, &invocation).await {
            // The connection broke since it was last used, as after a restart. Pushing again is safe.
            Err(error) if error.redis_cause() == Some(Cause::Unreachable) => {
                self.invoke("take jobs", class, &invocation).await?
            }
            taken => taken?,
        };
        Self::warn_set_aside(class, set_aside);
        Ok(new)
    }
}
