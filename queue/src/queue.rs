//! The handle that the rest of the program holds.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use crate::{
    ClassName, ClassStats, DeadLetter, DeadSelection, NewJob, QueueError,
    liveness::Liveness,
    memory::MemoryStore,
    meters,
    redis::{RedisOptions, RedisStore},
    store::Store,
};

/// A job queue. Clones are the same queue.
#[derive(Clone)]
pub struct Queue {
    store: Arc<dyn Store>,
    liveness: Arc<Liveness>,
    closed: Arc<AtomicBool>,
}

impl fmt::Debug for Queue {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Queue").finish_non_exhaustive()
    }
}

impl Queue {
    /// A queue inside this process: the same promises, but nothing outlives it. Keeps 1,000 dead letters a
    /// class.
    #[must_use]
    pub fn in_process() -> Self {
        Self::on(Arc::new(MemoryStore::new(1_000)))
    }

    /// A queue on Redis. Connects at the first use and again whenever the connection is lost, so this succeeds
    /// while Redis is away; use [`ping`](Self::ping) to find out. With a `rediss://` address, server certificates are
    /// checked against the system's roots (or `SSL_CERT_FILE`), and ring becomes the process's TLS cryptography
    /// unless another was installed.
    ///
    /// The future that comes with it is the health check of its connection: run it beside the queue. It ends with the
    /// queue's last clone.
    ///
    /// # Errors
    /// [`QueueError::Address`] when the address cannot be understood.
    pub fn redis(
        options: &RedisOptions,
    ) -> Result<(Self, impl Future<Output = ()> + Send + use<>), QueueError> {
        let (store, health_check) = RedisStore::new(options)?;
        Ok((Self::on(Arc::new(store)), health_check))
    }

    fn on(store: Arc<dyn Store>) -> Self {
        Self {
            store,
            liveness: Arc::default(),
            closed: Arc::default(),
        }
    }

    pub(crate) fn store(&self) -> Arc<dyn Store> {
        Arc::clone(&self.store)
    }

    pub(crate) fn liveness(&self) -> Arc<Liveness> {
        Arc::clone(&self.liveness)
    }

    /// Adds jobs, and says how many were new. A job whose id is already ready, delayed or running in its class
    /// is dropped; after that one has ended, the id counts as new again. Safe to repeat.
    ///
    /// # Errors
    /// When a job's id, group or payload is too long, or its id is empty: none is added. When Redis is away or
    /// refuses: jobs of different classes, beyond the first 500 of a class and beyond 4 MiB of payloads are added
    /// in separate steps, so some of them may have been added.
    pub async fn push(&self, jobs: &[NewJob]) -> Result<usize, QueueError> {
        self.open()?;
        jobs.iter().try_for_each(NewJob::check)?;
        let mut by_class: BTreeMap<&ClassName, Vec<&NewJob>> = BTreeMap::new();
        for job in jobs {
            by_class.entry(&job.class).or_default().push(job);
        }
        let mut new = 0;
        for (class, jobs) in by_class {
            for some in chunks(&jobs) {
                new += self.store.push(class, some).await?;
            }
        }
        Ok(new)
    }

    /// How many jobs of a class are ready to start.
    ///
    /// # Errors
    /// When Redis is away or refuses.
    pub async fn depth(&self, class: &ClassName) -> Result<u64, QueueError> {
        Ok(self.stats(class).await?.ready)
    }

    /// Counts a class.
    ///
    /// # Errors
    /// When Redis is away or refuses.
    pub async fn stats(&self, class: &ClassName) -> Result<ClassStats, QueueError> {
        self.store.stats(class).await
    }

    /// The newest dead letters of a class, at most `limit`.
    ///
    /// # Errors
    /// When Redis is away or refuses.
    pub async fn dead(&self, class: &ClassName, limit: usize) -> Result<Vec<DeadLetter>, QueueError> {
        self.store.dead(class, limit).await
    }

    /// Makes dead letters ready again with all their attempts, and says how many. One whose id has been pushed
    /// anew in the meantime is dropped instead. Safe to repeat.
    ///
    /// # Errors
    /// When Redis is away or refuses; some may have been made ready.
    pub async fn redrive(&self, class: &ClassName, which: DeadSelection<'_>) -> Result<usize, QueueError> {
        self.open()?;
        self.store.redrive(class, which).await
    }

    /// Removes dead letters, and says how many. Safe to repeat.
    ///
    /// # Errors
    /// When Redis is away or refuses; some may have been removed.
    pub async fn discard_dead(
        &self,
        class: &ClassName,
        which: DeadSelection<'_>,
    ) -> Result<usize, QueueError> {
        self.store.discard_dead(class, which).await
    }

    /// Stops deliveries of a class in every process that shares the queue. Jobs already handed out finish;
    /// pushes are still taken. Safe to repeat.
    ///
    /// # Errors
    /// When Redis is away or refuses.
    pub async fn pause(&self, class: &ClassName) -> Result<(), QueueError> {
        self.store.set_paused(class, true).await
    }

    /// Starts deliveries of a class again. Safe to repeat.
    ///
    /// # Errors
    /// When Redis is away or refuses.
    pub async fn resume(&self, class: &ClassName) -> Result<(), QueueError> {
        self.store.set_paused(class, false).await
    }

    /// Whether deliveries of a class are stopped.
    ///
    /// # Errors
    /// When Redis is away or refuses.
    pub async fn is_paused(&self, class: &ClassName) -> Result<bool, QueueError> {
        self.store.is_paused(class).await
    }

    /// Succeeds when the queue can be reached: for a readiness probe.
    ///
    /// # Errors
    /// When Redis is away or refuses, or the queue was closed.
    pub async fn ping(&self) -> Result<(), QueueError> {
        self.open()?;
        self.store.ping().await
    }

    /// Time since the workers of this process last fetched from a class with success, whether or not there was
    /// a job; none before the first time. They fetch at least once a second while they have room for more, and
    /// while they have none, each renewal of their leases (every third of a lease) counts as a fetch.
    #[must_use]
    pub fn last_fetch_age(&self, class: &ClassName) -> Option<Duration> {
        self.liveness.age(class)
    }

    /// Sets the gauges `vitrine_queue_ready_jobs`, `_delayed_jobs`, `_leased_jobs`, `_dead_letters`,
    /// `_oldest_ready_age_seconds` and `_paused` of each class, and `_last_fetch_age_seconds` of those that this
    /// process has fetched from.
    ///
    /// # Errors
    /// When Redis is away or refuses; classes before the failing one are set.
    pub async fn record_gauges(&self, classes: &[ClassName]) -> Result<(), QueueError> {
        for class in classes {
            meters::record_stats(class, &self.store.stats(class).await?);
            meters::record_paused(class, self.store.is_paused(class).await?);
            if let Some(age) = self.last_fetch_age(class) {
                meters::record_last_fetch(class, age);
            }
        }
        Ok(())
    }

    /// Refuses further pushes and ends background work. Stop the workers first. Safe to repeat.
    pub fn close(&self) {
        self.closed.store(true, Ordering::Release);
        self.store.close();
    }

    fn open(&self) -> Result<(), QueueError> {
        match self.closed.load(Ordering::Acquire) {
            true => Err(QueueError::Closed),
            false => Ok(()),
        }
    }
}

/// The most jobs that are added in one step.
const STEP_JOBS: usize = 500;

/// The most bytes of payload that are added in one step of several jobs.
const STEP_BYTES: usize = 4 << 20;

/// Parts of a push that are each one bounded step.
fn chunks<'a, 'b>(mut jobs: &'a [&'b NewJob]) -> impl Iterator<Item = &'a [&'b NewJob]> {
    std::iter::from_fn(move || {
        let mut bytes = 0;
        let fits = |job: &&&NewJob| {
            bytes += job.payload.len();
            bytes <= STEP_BYTES
        };
        let count = jobs.iter().take(STEP_JOBS).take_while(fits).count().max(1);
        let (step, rest) = jobs.split_at_checked(count)?;
        jobs = rest;
        Some(step)
    })
}
