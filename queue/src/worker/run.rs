//! Runs the workers of several classes under one apalis monitor.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use apalis::prelude::{Monitor, Worker, WorkerBuilder};
use apalis_core::error::WorkerError;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tower::{
    layer::util::{Identity, Stack},
    limit::ConcurrencyLimitLayer,
};

use super::{
    backend::ClassBackend,
    buffer::{Buffer, BufferedJob},
    handler::Handler,
    handler_service::HandlerService,
    lease_table::LeaseTable,
    prefetch_size::PrefetchSize,
    worker_state::WorkerState,
};
use crate::{ClassName, Queue, QueueError, meters::ClassMeters, store::Settlement};

/// How the jobs of one class are run in this process.
#[derive(Clone)]
pub struct ClassWorker {
    /// The class.
    pub class: ClassName,
    /// How many of its jobs run at once; zero counts as one.
    pub concurrency: usize,
    /// How long a job stays away when the process that runs it dies. Renewed every third of it, so the handler
    /// may run for longer. At least 100 ms.
    pub lease: Duration,
    /// Attempts a job gets before it goes to the dead letters; zero counts as one.
    pub max_attempts: u32,
    /// What to do with a job.
    pub handler: Arc<dyn Handler>,
}

impl ClassWorker {
    /// A worker that runs 10 jobs at once with leases of 30 s and 5 attempts.
    pub fn new(class: impl Into<ClassName>, handler: impl Handler) -> Self {
        Self {
            class: class.into(),
            concurrency: 10,
            lease: Duration::from_secs(30),
            max_attempts: 5,
            handler: Arc::new(handler),
        }
    }
}

/// How long jobs cut off at the end of the grace time may take to be given back.
const RELEASE_TIMEOUT: Duration = Duration::from_secs(2);

/// Every station of a call to [`run_workers`].
type WorkerStates = Arc<Mutex<Vec<Arc<WorkerState>>>>;

/// The apalis worker of a class.
type ApalisWorker = Worker<BufferedJob, ClassBackend, HandlerService, Stack<ConcurrencyLimitLayer, Identity>>;

/// Runs workers until `shutdown` is cancelled; must be called inside a tokio runtime.
///
/// Then nothing more is started, jobs fetched ahead go back at once, running ones have `grace` to finish, and
/// those that have not are cut off at their next await and given back; neither costs an attempt. Errors of Redis are
/// waited out and never end a worker.
///
/// # Errors
/// [`QueueError::Workers`] when the monitor itself fails, which ends all workers.
pub async fn run_workers(
    queue: Queue,
    workers: Vec<ClassWorker>,
    shutdown: CancellationToken,
    grace: Duration,
) -> Result<(), QueueError> {
    let stations = WorkerStates::default();
    let mut monitor = Monitor::new()
        .should_restart(restart)
        .with_terminator(async move { tokio::time::sleep(grace).await });
    for worker in workers {
        let (queue, shutdown, stations) = (queue.clone(), shutdown.clone(), Arc::clone(&stations));
        monitor = monitor.register(move |restarts| build(&queue, &worker, &shutdown, &stations, restarts));
    }
    let signal = async {
        shutdown.cancelled().await;
        Ok(())
    };
    let ended = monitor.run_with_signal(signal).await;
    given_back(&stations).await;
    ended.map_err(QueueError::Workers)
}

fn restart(worker: &apalis::prelude::WorkerContext, error: &WorkerError) -> bool {
    tracing::error!(
        worker = worker.name(),
        error = error as &dyn std::error::Error,
        "worker ended, restarting"
    );
    true
}

fn build(
    queue: &Queue,
    worker: &ClassWorker,
    shutdown: &CancellationToken,
    stations: &WorkerStates,
    restarts: usize,
) -> ApalisWorker {
    let (settlements, receiver) = mpsc::unbounded_channel();
    let worker_state = Arc::new(worker_state(queue, worker, shutdown, settlements));
    stations
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .push(Arc::clone(&worker_state));
    let backend = ClassBackend::new(Arc::clone(&worker_state), receiver);
    WorkerBuilder::new(format!("{}-{restarts}", worker.class))
        .backend(backend)
        .layer(ConcurrencyLimitLayer::new(worker_state.concurrency))
        .build(HandlerService(worker_state))
}

fn worker_state(
    queue: &Queue,
    worker: &ClassWorker,
    shutdown: &CancellationToken,
    settlements: mpsc::UnboundedSender<Settlement>,
) -> WorkerState {
    WorkerState {
        class: worker.class.clone(),
        concurrency: worker.concurrency.max(1),
        lease: worker.lease.max(Duration::from_millis(100)),
        max_attempts: worker.max_attempts.max(1),
        handler: Arc::clone(&worker.handler),
        store: queue.store(),
        liveness: queue.liveness(),
        meters: ClassMeters::new(&worker.class),
        lease_table: LeaseTable::default(),
        buffer: Buffer::default(),
        prefetch_size: PrefetchSize::default(),
        settlements,
        stop: shutdown.child_token(),
        fed: CancellationToken::new(),
        stuck: false.into(),
    }
}

/// Waits until what the grace time cut off has been given back.
async fn given_back(stations: &WorkerStates) {
    let stations = stations.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let all = stations
        .iter()
        .map(|worker_state| worker_state.lease_table.empty());
    if tokio::time::timeout(RELEASE_TIMEOUT, futures::future::join_all(all))
        .await
        .is_err()
    {
        tracing::warn!("jobs that could not be given back wait for their lease to run out");
    }
}
