//! The way out for jobs.

use super::QueuedJob;
use async_trait::async_trait;

/// Carries jobs to workers. It may lose everything at any moment: the schedule finds again what is
/// due.
#[async_trait]
pub trait JobQueue: Send + Sync {
    /// Pushes jobs; those that wait already are left alone. Gives the number that were new.
    ///
    /// # Errors
    /// When the queue does not answer. Nothing is lost by that.
    async fn push(&self, jobs: &[QueuedJob]) -> Result<usize, QueueUnavailable>;

    /// Whether the queue answers.
    ///
    /// # Errors
    /// When it does not.
    async fn ping(&self) -> Result<(), QueueUnavailable>;
}

/// The queue does not answer.
#[derive(Debug, thiserror::Error)]
#[error("the job queue does not answer")]
pub struct QueueUnavailable {
    /// Its own error.
    #[source]
    pub source: Box<dyn std::error::Error + Send + Sync>,
    /// One word for the kind of trouble that its server has, where it is the server's.
    pub trouble: Option<&'static str>,
}
