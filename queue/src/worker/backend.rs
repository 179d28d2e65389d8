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

use super::{buffer::Held, layer::SettleLayer, tasks::Crew, worker_state::Station};
use crate::store::Settlement;

/// Where a backend is in its life.
enum Phase {
    /// Made, but not part of a running worker yet.
    New(mpsc::UnboundedReceiver<Settlement>),
    Running(Crew),
    Closing(BoxFuture<'static, ()>),
    Closed,
}

/// Feeds one apalis worker. Its polls never fail: errors of the engine are waited out by the crew.
pub(super) struct ClassBackend {
    station: Arc<Station>,
    phase: Phase,
}

impl ClassBackend {
    /// Nothing is fetched until a worker asks for the middleware.
    pub(super) fn new(station: Arc<Station>, settlements: mpsc::UnboundedReceiver<Settlement>) -> Self {
        Self {
            station,
            phase: Phase::New(settlements),
        }
    }
}

impl Backend for ClassBackend {
    type Task = Task<Held>;
    type Error = Infallible;

    fn poll_ready(&mut self, _: &mut Context<'_>, _: &WorkerContext) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn poll_next(
        &mut self,
        context: &mut Context<'_>,
        _: &WorkerContext,
    ) -> Poll<Option<Result<Task<Held>, Infallible>>> {
        if self.station.stop.is_cancelled() {
            // The feeder gives back what is left, and the monitor wakes this worker for its end.
            return Poll::Pending;
        }
        loop {
            let held = ready!(self.station.buffer.poll_take(context));
            if !held.lost.is_cancelled() {
                return Poll::Ready(Some(Ok(task(held))));
            }
            self.station.release(held);
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
    type Args = Held;
    type Id = String;
    type Kind = Ephemeral;
    type Config = Station;
    type Layer = SettleLayer;

    fn config(&self) -> &Station {
        &self.station
    }

    fn middleware(&mut self, _: &mut WorkerContext) -> SettleLayer {
        self.phase = match std::mem::replace(&mut self.phase, Phase::Closed) {
            Phase::New(settlements) => Phase::Running(Crew::start(&self.station, settlements)),
            other => other,
        };
        SettleLayer(Arc::clone(&self.station))
    }
}

fn task(held: Held) -> Task<Held> {
    let id = TaskId::from_string(held.job.id.to_string());
    let used = held.job.attempts as usize;
    TaskBuilder::new(held).task_id(id).attempt(used).build()
}
