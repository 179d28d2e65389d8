//! The caller's code, as the tower service that an apalis worker calls.

use std::{
    panic::AssertUnwindSafe,
    sync::Arc,
    task::{Context, Poll},
    time::{Duration, Instant},
};

use apalis_core::{error::BoxDynError, task::Task};
use futures::future::BoxFuture;
use tokio_util::task::AbortOnDropHandle;
use tower::Service;
use tracing::Instrument;

use super::{buffer::BufferedJob, worker_state::WorkerState};
use crate::{Delivery, Outcome};

/// How long a job whose handler panicked waits, for each attempt used up.
const PANIC_DELAY: Duration = Duration::from_secs(1);

/// Calls the handler of a class.
#[derive(Clone)]
pub(super) struct HandlerService(pub(super) Arc<WorkerState>);

impl Service<Task<BufferedJob>> for HandlerService {
    type Response = Outcome;
    type Error = BoxDynError;
    type Future = BoxFuture<'static, Result<Outcome, BoxDynError>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxDynError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, task: Task<BufferedJob>) -> Self::Future {
        let (held, _) = task.take();
        let brief = self.0.prefetch_size.is_brief();
        let run = timed(Arc::clone(&self.0), self.0.delivery(held));
        Box::pin(async move {
            Ok(if brief {
                run_brief(run).await
            } else {
                run_apart(run).await
            })
        })
    }
}

/// Runs a job in a task of its own, so that the jobs of a class spread over the threads.
async fn run_apart(run: impl Future<Output = Outcome> + Send + 'static) -> Outcome {
    match AbortOnDropHandle::new(tokio::spawn(run)).await {
        Ok(outcome) => outcome,
        Err(error) => retry_after_panic(&error.to_string(), 1),
    }
}

/// The same for jobs that tend to end at once: a task for each would cost more than the job.
async fn run_brief(run: impl Future<Output = Outcome> + Send + 'static) -> Outcome {
    let mut run = Box::pin(run);
    match futures::poll!(&mut run) {
        Poll::Ready(outcome) => outcome,
        Poll::Pending => run_apart(run).await,
    }
}

async fn timed(worker_state: Arc<WorkerState>, delivery: Delivery) -> Outcome {
    let last = delivery.attempt >= delivery.max_attempts;
    let attempt = delivery.attempt;
    let span = tracing::info_span!(
        "job",
        job.id = %delivery.id,
        job.class = %delivery.class,
        job.attempt = delivery.attempt,
    );
    let started = Instant::now();
    let run = AssertUnwindSafe(worker_state.handler.run(delivery).instrument(span));
    let outcome = match futures::FutureExt::catch_unwind(run).await {
        Ok(outcome) => outcome,
        Err(panic) => retry_after_panic(&message(panic.as_ref()), attempt),
    };
    let took = started.elapsed();
    worker_state.prefetch_size.observe(took);
    worker_state.meters.ran(&outcome, last, took);
    outcome
}

fn retry_after_panic(message: &str, attempt: u32) -> Outcome {
    Outcome::Retry {
        after: PANIC_DELAY * attempt,
        reason: format!("the handler panicked: {message}"),
    }
}

fn message(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied();
    let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    text.unwrap_or("no message").to_owned()
}
