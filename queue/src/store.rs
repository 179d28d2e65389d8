//! What an engine does for the workers and the admin calls above it.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use bytes::Bytes;
use tokio::sync::Notify;

use crate::{ClassName, ClassStats, DeadLetter, DeadSelection, GroupKey, JobId, NewJob, QueueError};

/// Names one delivery of one job: a mark that no other fetch ever uses, a colon, and the job's id. A worker
/// that lost its lease therefore cannot settle the delivery that came after.
pub(crate) type LeaseKey = Arc<str>;

/// Builds the name of a delivery.
pub(crate) fn lease_key(mark: &str, id: &str) -> LeaseKey {
    let mut key = String::with_capacity(mark.len() + 1 + id.len());
    key.push_str(mark);
    key.push(':');
    key.push_str(id);
    key.into()
}

/// A job with the lease it is held by.
#[derive(Clone, Debug)]
pub(crate) struct Leased {
    pub(crate) lease: LeaseKey,
    pub(crate) id: JobId,
    pub(crate) group: GroupKey,
    pub(crate) payload: Bytes,
    /// Attempts used up before this one.
    pub(crate) attempts: u32,
}

/// What a worker asks for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FetchRequest {
    pub(crate) most: usize,
    pub(crate) lease: Duration,
    pub(crate) max_attempts: u32,
}

/// What it gets.
#[derive(Debug, Default)]
pub(crate) struct Batch {
    pub(crate) jobs: Vec<Leased>,
    /// Until the next delayed job is due or the next lease runs out.
    pub(crate) next_due: Option<Duration>,
    /// Leases that had run out and were taken back.
    pub(crate) expired: u64,
}

/// How a lease ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Disposition {
    /// Forget the job.
    Done,
    /// Ready again after this time, the attempt not counted.
    Later(Duration),
    /// Ready again after this time, the attempt counted.
    Again(Duration),
    /// To the dead letters.
    Bury(String),
    /// Back to the front as if it had never been fetched.
    Release,
}

/// The end of one lease.
#[derive(Clone, Debug)]
pub(crate) struct Settlement {
    pub(crate) lease: LeaseKey,
    pub(crate) disposition: Disposition,
}

/// An engine. Each call is about one class and is atomic.
#[async_trait]
pub(crate) trait Store: Send + Sync {
    /// Adds the jobs whose ids are new, and says how many were.
    async fn push(&self, class: &ClassName, jobs: &[&NewJob]) -> Result<usize, QueueError>;
    /// Leases up to `order.most` jobs, the groups taking turns.
    async fn fetch(&self, class: &ClassName, order: FetchRequest) -> Result<Batch, QueueError>;
    /// Ends leases; says how many of them were no longer there. Doing it twice does nothing more.
    async fn settle(&self, class: &ClassName, ends: &[Settlement]) -> Result<usize, QueueError>;
    /// Makes leases last for `lease` from now; returns those that are gone.
    async fn renew(
        &self,
        class: &ClassName,
        leases: &[LeaseKey],
        lease: Duration,
    ) -> Result<Vec<LeaseKey>, QueueError>;
    /// Notified when jobs may have become ready in a class. Spurious wakes are allowed.
    fn wakeup(&self, class: &ClassName) -> Arc<Notify>;
    /// Counts a class.
    async fn stats(&self, class: &ClassName) -> Result<ClassStats, QueueError>;
    /// The newest dead letters.
    async fn dead(&self, class: &ClassName, limit: usize) -> Result<Vec<DeadLetter>, QueueError>;
    /// Makes dead letters ready again with no attempts used; says how many.
    async fn redrive(&self, class: &ClassName, which: DeadSelection<'_>) -> Result<usize, QueueError>;
    /// Removes dead letters; says how many.
    async fn discard_dead(&self, class: &ClassName, which: DeadSelection<'_>) -> Result<usize, QueueError>;
    /// Stops or restarts deliveries of a class, for every process.
    async fn set_paused(&self, class: &ClassName, paused: bool) -> Result<(), QueueError>;
    /// Whether deliveries of a class are stopped.
    async fn is_paused(&self, class: &ClassName) -> Result<bool, QueueError>;
    /// Answers when the engine can be reached.
    async fn ping(&self) -> Result<(), QueueError>;
    /// Ends background work.
    fn close(&self);
}
