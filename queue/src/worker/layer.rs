//! The tower layer that turns outcomes into settlements.

use std::{
    sync::Arc,
    task::{Context, Poll},
};

use apalis_core::{error::BoxDynError, task::Task};
use futures::future::BoxFuture;
use tower::{Layer, Service};

use super::{buffer::Held, worker_state::Station};
use crate::{Outcome, store::Settlement};

/// Wraps whatever runs the jobs of a class.
#[derive(Clone)]
pub(super) struct SettleLayer(pub(super) Arc<Station>);

impl<S> Layer<S> for SettleLayer {
    type Service = SettleService<S>;

    fn layer(&self, inner: S) -> SettleService<S> {
        SettleService {
            inner,
            station: Arc::clone(&self.0),
        }
    }
}

/// Settles each job when the service inside has said how it ended.
#[derive(Clone)]
pub(super) struct SettleService<S> {
    inner: S,
    station: Arc<Station>,
}

impl<S> Service<Task<Held>> for SettleService<S>
where
    S: Service<Task<Held>, Response = Outcome>,
    S::Error: Into<BoxDynError>,
    S::Future: Send + 'static,
{
    type Response = ();
    type Error = BoxDynError;
    type Future = BoxFuture<'static, Result<(), BoxDynError>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), BoxDynError>> {
        self.inner.poll_ready(context).map_err(Into::into)
    }

    fn call(&mut self, task: Task<Held>) -> Self::Future {
        let station = Arc::clone(&self.station);
        let job = &task.args.job;
        let (lease, id, attempt) = (job.lease.clone(), job.id.clone(), job.attempts.saturating_add(1));
        let run = self.inner.call(task);
        Box::pin(async move {
            let outcome = run.await.map_err(Into::into)?;
            log_failure(&station, &id, attempt, &outcome);
            let verdict = station.verdict(outcome, attempt);
            station.settle(Settlement { lease, verdict });
            Ok(())
        })
    }
}

fn log_failure(station: &Station, id: &crate::JobId, attempt: u32, outcome: &Outcome) {
    let class = &station.class;
    match outcome {
        Outcome::Done | Outcome::Later(_) => {}
        Outcome::Retry { reason, .. } if attempt < station.max_attempts => {
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
