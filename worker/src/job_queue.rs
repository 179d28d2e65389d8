//! The rules' way out for jobs, on the queue.

use async_trait::async_trait;
use std::time::Duration;
use vitrine_accounts::jobs::{JobClass, JobQueue, QueueUnavailable, QueuedJob, UnreadableJob};
use vitrine_queue::{ClassName, GroupKey, JobId, NewJob, Queue, QueueError};

/// Pushes the rules' jobs onto a queue; tenants share it fairly.
#[derive(Clone, Debug)]
pub struct QueueAdapter(pub Queue);

/// The name of a class in the queue.
pub(crate) fn class_name(class: JobClass) -> ClassName {
    ClassName::new(class.as_str())
}

fn travelling(order: &QueuedJob) -> Result<NewJob, UnreadableJob> {
    Ok(NewJob {
        id: JobId::new(order.id()),
        class: class_name(order.class),
        group: GroupKey::new(order.job.account_job().tenant.0.simple().to_string()),
        payload: order.job.encode()?.into(),
        delay: Duration::ZERO,
    })
}

fn unavailable(error: QueueError) -> QueueUnavailable {
    QueueUnavailable {
        trouble: error.redis_cause().map(|cause| cause.as_str()),
        source: error.into(),
    }
}

#[async_trait]
impl JobQueue for QueueAdapter {
    async fn push(&self, jobs: &[QueuedJob]) -> Result<usize, QueueUnavailable> {
        let jobs: Result<Vec<NewJob>, UnreadableJob> = jobs.iter().map(travelling).collect();
        let jobs = jobs.map_err(|error| QueueUnavailable {
            source: error.into(),
            trouble: None,
        })?;
        self.0.push(&jobs).await.map_err(unavailable)
    }

    async fn ping(&self) -> Result<(), QueueUnavailable> {
        self.0.ping().await.map_err(unavailable)
    }
}
