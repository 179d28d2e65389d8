//! The caller's code.

use async_trait::async_trait;

use crate::{Delivery, Outcome};

/// Runs the jobs of a class. Any `async fn(Delivery) -> Outcome` is one.
#[async_trait]
pub trait Handler: Send + Sync + 'static {
    /// Runs one delivery. It may be the second of a job, so its effects must be safe to repeat. A panic counts
    /// as [`Outcome::Retry`].
    async fn run(&self, delivery: Delivery) -> Outcome;
}

#[async_trait]
impl<F, R> Handler for F
where
    F: Fn(Delivery) -> R + Send + Sync + 'static,
    R: Future<Output = Outcome> + Send + 'static,
{
    async fn run(&self, delivery: Delivery) -> Outcome {
        self(delivery).await
    }
}
