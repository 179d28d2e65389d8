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
    buffer::{Buffer, Held},
    handler::{Handler, HandlerService},
    lease_table::Ledger,
    prefetch_size::Pace,
    worker_state::Station,
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
const LAST_WORDS: Duration = Duration::from_secs(2);

/// Every station of a call to [`run_workers`].
type Stations = Arc<Mutex<Vec<Arc<Station>>>>;

/// The apalis worker of a class.
type StationWorker = Worker<Held, ClassBackend, HandlerService, Stack<ConcurrencyLimitLayer, Identity>>;

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
    let stations = Stations::default();
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
    stations: &Stations,
    restarts: usize,
) -> StationWorker {
    let (settlements, receiver) = mpsc::unbounded_channel();
    let station = Arc::new(station(queue, worker, shutdown, settlements));
    stations
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .push(Arc::clone(&station));
    let backend = ClassBackend::new(Arc::clone(&station), receiver);
    WorkerBuilder::new(format!("{}-{restarts}", worker.class))
        .backend(backend)
        .layer(ConcurrencyLimitLayer::new(station.concurrency))
        .build(HandlerService(station))
}

fn station(
    queue: &Queue,
    worker: &ClassWorker,
    shutdown: &CancellationToken,
    settlements: mpsc::UnboundedSender<Settlement>,
) -> Station {
    Station {
        class: worker.class.clone(),
        concurrency: worker.concurrency.max(1),
        lease: worker.lease.max(Duration::from_millis(100)),
        max_attempts: worker.max_attempts.max(1),
        handler: Arc::clone(&worker.handler),
        store: queue.store(),
        liveness: queue.liveness(),
        meters: ClassMeters::new(&worker.class),
        ledger: Ledger::default(),
        buffer: Buffer::default(),
        pace: Pace::default(),
        settlements,
        stop: shutdown.child_token(),
        fed: CancellationToken::new(),
        stuck: false.into(),
    }
}

/// Waits until what the grace time cut off has been given back.
async fn given_back(stations: &Stations) {
    let stations = stations.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let all = stations.iter().map(|station| station.ledger.empty());
    if tokio::time::timeout(LAST_WORDS, futures::future::join_all(all))
        .await
        .is_err()
    {
        tracing::warn!("jobs that could not be given back wait for their lease to run out");
    }
}
