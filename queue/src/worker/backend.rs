//! The apalis backend of one class: hands out what the feeder fetched, and ends in an orderly way.

use std::{
    convert::Infallible,
    sync::Arc,
    task::{Context, Poll, ready},
};

use apalis_core::{
    backend::{Backend, BackendConfig, finalize::Ephemeral},
    task::{Task, builder::TaskBuilder, task_id::TaskId},
    worker::context::WorkerContext,
};
use futures::future::BoxFuture;
use tokio::sync::mpsc;

use super::{buffer::BufferedJob, layer::SettleLayer, tasks::WorkerTasks, worker_state::WorkerState};
use crate::store::Settlement;

/// Where a backend is in its life.
enum Phase {
    /// Made, but not part of a running worker yet.
    New(mpsc::UnboundedReceiver<Settlement>),
    Running(WorkerTasks),
    Closing(BoxFuture<'static, ()>),
    Closed,
}

/// Feeds one apalis worker. Its polls never fail: errors of the engine are waited out by the crew.
pub(super) struct ClassBackend {
    worker_state: Arc<WorkerState>,
    phase: Phase,
}

impl ClassBackend {
    /// Nothing is fetched until a worker asks for the middleware.
    pub(super) fn new(
        worker_state: Arc<WorkerState>,
        settlements: mpsc::UnboundedReceiver<Settlement>,
    ) -> Self {
        Self {
            worker_state,
            phase: Phase::New(settlements),
        }
    }
}

impl Backend for ClassBackend {
    type Task = Task<BufferedJob>;
    type Error = Infallible;

    fn poll_ready(&mut self, _: &mut Context<'_>, _: &WorkerContext) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn poll_next(
        &mut self,
        context: &mut Context<'_>,
        _: &WorkerContext,
    ) -> Poll<Option<Result<Task<BufferedJob>, Infallible>>> {
        if self.worker_state.stop.is_cancelled() {
            // The feeder gives back what is left, and the monitor wakes this worker for its end.
            return Poll::Pending;
        }
        loop {
            let held = ready!(self.worker_state.buffer.poll_take(context));
            if !held.lost.is_cancelled() {
                return Poll::Ready(Some(Ok(task(held))));
            }
            self.worker_state.release(held);
        }
    }

    fn poll_close(&mut self, context: &mut Context<'_>, _: &WorkerContext) -> Poll<Result<(), Infallible>> {
        loop {
            match std::mem::replace(&mut self.phase, Phase::Closed) {
                Phase::New(_) | Phase::Closed => return Poll::Ready(Ok(())),
                Phase::Running(crew) => self.phase = Phase::Closing(Box::pin(crew.finish())),
                Phase::Closing(mut closing) => {
                    if closing.as_mut().poll(context).is_pending() {
                        self.phase = Phase::Closing(closing);
                        return Poll::Pending;
                    }
                }
            }
        }
    }
}

impl BackendConfig for ClassBackend {
    type Args = BufferedJob;
    type Id = String;
    type Kind = Ephemeral;
    type Config = WorkerState;
    type Layer = SettleLayer;

    fn config(&self) -> &WorkerState {
        &self.worker_state
    }

    fn middleware(&mut self, _: &mut WorkerContext) -> SettleLayer {
        self.phase = match std::mem::replace(&mut self.phase, Phase::Closed) {
            Phase::New(settlements) => Phase::Running(WorkerTasks::start(&self.worker_state, settlements)),
            other => other,
        };
        SettleLayer(Arc::clone(&self.worker_state))
    }
}

fn task(held: BufferedJob) -> Task<BufferedJob> {
    let id = TaskId::from_string(held.job.id.to_string());
    let used = held.job.attempts as usize;
    TaskBuilder::new(held).task_id(id).attempt(used).build()
}
