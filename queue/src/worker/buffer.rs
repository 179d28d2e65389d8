//! Jobs between the feeder that fetched them and the worker that will run them.

use std::{
    collections::VecDeque,
    sync::{Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, Waker},
};

use tokio::{sync::Notify, time::Instant};
use tokio_util::sync::CancellationToken;

use crate::store::Leased;

/// A leased job with the token that shows when the lease is lost.
#[derive(Clone)]
pub(super) struct BufferedJob {
    pub(super) job: Leased,
    pub(super) lost: CancellationToken,
    pub(super) since: Instant,
}

#[derive(Default)]
struct Inner {
    jobs: VecDeque<BufferedJob>,
    waker: Option<Waker>,
}

/// A line of jobs with one taker.
#[derive(Default)]
pub(super) struct Buffer {
    inner: Mutex<Inner>,
    /// Notified now and then as the line gets shorter, and when it is empty.
    pub(super) low: Notify,
}

impl Buffer {
    /// Puts jobs at the end and wakes the taker.
    pub(super) fn put(&self, jobs: impl IntoIterator<Item = BufferedJob>) {
        let mut inner = self.inner();
        inner.jobs.extend(jobs);
        let waker = inner.waker.take();
        drop(inner);
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    /// Takes the next job.
    pub(super) fn poll_take(&self, context: &mut Context<'_>) -> Poll<BufferedJob> {
        let mut inner = self.inner();
        let Some(held) = inner.jobs.pop_front() else {
            inner.waker = Some(context.waker().clone());
            return Poll::Pending;
        };
        let low = inner.jobs.len().is_multiple_of(16);
        drop(inner);
        if low {
            self.low.notify_one();
        }
        Poll::Ready(held)
    }

    /// How many jobs wait.
    pub(super) fn len(&self) -> usize {
        self.inner().jobs.len()
    }

    /// When the job at the head was fetched.
    pub(super) fn oldest(&self) -> Option<Instant> {
        self.inner().jobs.front().map(|held| held.since)
    }

    /// Takes all jobs away from the taker.
    pub(super) fn clear(&self) -> VecDeque<BufferedJob> {
        std::mem::take(&mut self.inner().jobs)
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
