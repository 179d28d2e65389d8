//! The tower layer that turns outcomes into settlements.

use std::{
    sync::Arc,
    task::{Context, Poll},
};

use apalis_core::{error::BoxDynError, task::Task};
use futures::future::BoxFuture;
use tower::{Layer, Service};

use super::{buffer::BufferedJob, worker_state::WorkerState};
use crate::{Outcome, store::Settlement};

/// Wraps whatever runs the jobs of a class.
#[derive(Clone)]
pub(super) struct SettleLayer(pub(super) Arc<WorkerState>);

impl<S> Layer<S> for SettleLayer {
    type Service = SettleService<S>;

    fn layer(&self, inner: S) -> SettleService<S> {
        SettleService {
            inner,
            worker_state: Arc::clone(&self.0),
        }
    }
}

/// Settles each job when the service inside has said how it ended.
#[derive(Clone)]
pub(super) struct SettleService<S> {
    inner: S,
    worker_state: Arc<WorkerState>,
}

impl<S> Service<Task<BufferedJob>> for SettleService<S>
where
    S: Service<Task<BufferedJob>, Response = Outcome>,
    S::Error: Into<BoxDynError>,
    S::Future: Send + 'static,
{
    type Response = ();
    type Error = BoxDynError;
    type Future = BoxFuture<'static, Result<(), BoxDynError>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), BoxDynError>> {
        self.inner.poll_ready(context).map_err(Into::into)
    }

    fn call(&mut self, task: Task<BufferedJob>) -> Self::Future {
        let worker_state = Arc::clone(&self.worker_state);
        let job = &task.args.job;
        let (lease, id, attempt) = (job.lease.clone(), job.id.clone(), job.attempts.saturating_add(1));
        let run = self.inner.call(task);
        Box::pin(async move {
            let outcome = run.await.map_err(Into::into)?;
            log_failure(&worker_state, &id, attempt, &outcome);
            let disposition = worker_state.disposition(outcome, attempt);
            worker_state.settle(Settlement { lease, disposition });
            Ok(())
        })
    }
}

fn log_failure(worker_state: &WorkerState, id: &crate::JobId, attempt: u32, outcome: &Outcome) {
    let class = &worker_state.class;
    match outcome {
        Outcome::Done | Outcome::Later(_) => {}
        Outcome::Retry { reason, .. } if attempt < worker_state.max_attempts => {
            tracing::warn!(job.id = %id, job.class = %class, job.attempt = attempt, reason, "job failed, will retry");
        }
        Outcome::Retry { reason, .. } => {
            tracing::error!(job.id = %id, job.class = %class, job.attempt = attempt, reason, "job failed for good");
        }
        Outcome::Discard { reason } => {
            tracing::error!(job.id = %id, job.class = %class, job.attempt = attempt, reason, "job discarded");
        }
    }
}
