//! A queue for one case, jobs for it, and workers that report what they were given.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use tokio::{sync::mpsc, task::JoinHandle, time::timeout};
use tokio_util::sync::CancellationToken;
use vitrine_queue::{
    ClassName, ClassStats, ClassWorker, Delivery, NewJob, Outcome, Queue, QueueError, RedisOptions,
    run_workers,
};

/// Longer than anything here takes, even on a busy machine.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) struct Bed {
    pub(crate) queue: Queue,
    pub(crate) class: ClassName,
}

impl Bed {
    pub(crate) fn in_process() -> Self {
        Self::on(Queue::in_process())
    }

    pub(crate) async fn on_redis() -> Self {
        let server = vitrine_test_support::redis().await.unwrap();
        Self::at(&server.url, &server.prefix)
    }

    /// Another handle, as another process would have it.
    pub(crate) fn at(url: &str, prefix: &str) -> Self {
        Self::on_queue_of(&RedisOptions {
            prefix: prefix.to_owned(),
            ..RedisOptions::new(url)
        })
    }

    pub(crate) fn on_queue_of(options: &RedisOptions) -> Self {
        let (queue, health_check) = Queue::redis(options).unwrap();
        tokio::spawn(health_check);
        Self::on(queue)
    }

    fn on(queue: Queue) -> Self {
        Self {
            queue,
            class: ClassName::from("class"),
        }
    }

    pub(crate) fn job(&self, id: &str) -> NewJob {
        self.job_of("group", id)
    }

    pub(crate) fn job_of(&self, group: &str, id: &str) -> NewJob {
        NewJob {
            id: id.into(),
            class: self.class.clone(),
            group: group.into(),
            payload: Bytes::from_static(b"payload"),
            delay: Duration::ZERO,
        }
    }

    pub(crate) fn delayed(&self, id: &str, delay: Duration) -> NewJob {
        NewJob {
            delay,
            ..self.job(id)
        }
    }

    /// Pushes one plain job.
    pub(crate) async fn push(&self, id: &str) {
        assert_eq!(self.queue.push(&[self.job(id)]).await.unwrap(), 1);
    }

    /// Pushes jobs of one group, numbered from zero.
    pub(crate) async fn push_many(&self, count: usize) {
        let jobs: Vec<_> = (0..count).map(|number| self.job(&number.to_string())).collect();
        assert_eq!(self.queue.push(&jobs).await.unwrap(), count);
    }

    pub(crate) async fn stats(&self) -> ClassStats {
        self.queue.stats(&self.class).await.unwrap()
    }

    /// Waits until the class looks like this.
    pub(crate) async fn until(&self, what: impl Fn(ClassStats) -> bool) {
        let looked = vitrine_test_support::wait_until(PATIENCE, async || what(self.stats().await)).await;
        assert!(looked.is_ok(), "{:?}", self.stats().await);
    }

    /// A worker for the class, one job at a time, whose handler does this.
    pub(crate) fn worker<F, R>(&self, handler: F) -> ClassWorker
    where
        F: Fn(Delivery) -> R + Send + Sync + 'static,
        R: Future<Output = Outcome> + Send + 'static,
    {
        ClassWorker {
            concurrency: 1,
            ..ClassWorker::new(self.class.clone(), handler)
        }
    }

    /// Runs a worker that reports each delivery, in the order of their starts, and ends it like this.
    pub(crate) fn run<F>(&self, outcome: F) -> Running
    where
        F: Fn(&Delivery) -> Outcome + Send + Sync + 'static,
    {
        self.run_with(|worker| worker, outcome)
    }

    /// The same with some of the worker's settings changed.
    pub(crate) fn run_with<F>(&self, change: impl FnOnce(ClassWorker) -> ClassWorker, outcome: F) -> Running
    where
        F: Fn(&Delivery) -> Outcome + Send + Sync + 'static,
    {
        let (report, deliveries) = mpsc::unbounded_channel();
        let outcome = Arc::new(outcome);
        let worker = self.worker(move |delivery: Delivery| {
            let (report, outcome) = (report.clone(), Arc::clone(&outcome));
            async move {
                let end = outcome(&delivery);
                let _ = report.send(delivery);
                end
            }
        });
        self.start_reporting(change(worker), deliveries)
    }

    /// Runs a worker that reports for itself.
    pub(crate) fn start(&self, worker: ClassWorker) -> Running {
        self.start_reporting(worker, mpsc::unbounded_channel().1)
    }

    fn start_reporting(&self, worker: ClassWorker, deliveries: mpsc::UnboundedReceiver<Delivery>) -> Running {
        let stop = CancellationToken::new();
        let workers = run_workers(self.queue.clone(), vec![worker], stop.clone(), PATIENCE);
        Running {
            deliveries,
            stop,
            workers: Some(tokio::spawn(workers)),
        }
    }
}

/// Workers that run until asked to stop.
pub(crate) struct Running {
    deliveries: mpsc::UnboundedReceiver<Delivery>,
    stop: CancellationToken,
    workers: Option<JoinHandle<Result<(), QueueError>>>,
}

impl Running {
    /// The next delivery.
    pub(crate) async fn next(&mut self) -> Delivery {
        timeout(PATIENCE, self.deliveries.recv())
            .await
            .expect("a delivery in time")
            .expect("a worker")
    }

    /// The ids of the next deliveries.
    pub(crate) async fn ids(&mut self, count: usize) -> Vec<String> {
        let mut ids = Vec::with_capacity(count);
        while ids.len() < count {
            ids.push(self.next().await.id.to_string());
        }
        ids
    }

    /// Asks for a stop without waiting for it.
    pub(crate) fn ask_to_stop(&self) {
        self.stop.cancel();
    }

    /// Whether all workers have ended.
    pub(crate) fn has_ended(&self) -> bool {
        self.workers.as_ref().is_none_or(JoinHandle::is_finished)
    }

    /// Stops in an orderly way; returns what was delivered and not asked for.
    pub(crate) async fn stop(mut self) -> Vec<Delivery> {
        self.stop.cancel();
        let ended = timeout(PATIENCE, self.workers.take().unwrap())
            .await
            .expect("a stop in time");
        ended.unwrap().unwrap();
        let mut rest = Vec::new();
        while let Ok(delivery) = self.deliveries.try_recv() {
            rest.push(delivery);
        }
        rest
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

/// Runs a worker in a runtime of its own and lets it die with a job in its hands, as by SIGKILL: nothing it
/// holds is given back. Returns when it is dead.
pub(crate) async fn die_with_a_job(queue: &Queue, worker: ClassWorker) {
    let (started, mut starts) = mpsc::unbounded_channel();
    let hang = move |_: Delivery| {
        let _ = started.send(());
        std::future::pending::<Outcome>()
    };
    let worker = ClassWorker {
        handler: Arc::new(hang),
        ..worker
    };
    let queue = queue.clone();
    let life = move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async {
            tokio::select! {
                _ = run_workers(queue, vec![worker], CancellationToken::new(), PATIENCE) => {}
                _ = timeout(PATIENCE, starts.recv()) => {}
            }
        });
    };
    tokio::task::spawn_blocking(life).await.unwrap();
}
