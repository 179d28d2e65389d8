//! The engine on Redis.

mod admin;
mod client;
mod fetch;
mod keys;
mod lost_fetches;
mod options;
mod push;
mod scripts;
mod settle;
mod stored;
mod wakeups;

pub use options::RedisOptions;

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use redis::{ErrorKind, FromRedisValue, Script, ScriptInvocation, ServerErrorKind};
use tokio::sync::Notify;
use tokio_util::task::AbortOnDropHandle;

use self::{client::RedisClient, lost_fetches::LostFetches, scripts::Scripts, wakeups::Wakeups};
use crate::{
    ClassName, ClassStats, DeadLetter, DeadSelection, NewJob, QueueError,
    meters::{self, Damage},
    store::{Batch, FetchRequest, LeaseKey, Settlement, Store},
};

/// The keys of a class, shared by the calls about it.
type Keys = Arc<[String; 9]>;

/// Keeps everything in Redis; any number of processes share it.
pub(crate) struct RedisStore {
    client: Arc<RedisClient>,
    scripts: Scripts,
    prefix: String,
    dead_letters: usize,
    keys: Mutex<HashMap<ClassName, Keys>>,
    wakeups: Arc<Wakeups>,
    listener: Mutex<Option<AbortOnDropHandle<()>>>,
    /// Makes the leases of each fetch differ from those of all others.
    mark: String,
    fetches: AtomicU64,
    lost_fetches: LostFetches,
}

impl RedisStore {
    /// Does not connect yet. The health check of its connection comes with it.
    pub(crate) fn new(
        options: &RedisOptions,
    ) -> Result<(Self, impl Future<Output = ()> + Send + use<>), QueueError> {
        let client = RedisClient::new(&options.url, &options.prefix);
        let (client, health_check) = client.map_err(QueueError::Address)?;
        let store = Self {
            client: Arc::new(client),
            scripts: Scripts::new(),
            prefix: options.prefix.clone(),
            dead_letters: options.dead_letters.max(1),
            keys: Mutex::default(),
            wakeups: Arc::default(),
            listener: Mutex::default(),
            mark: uuid::Uuid::new_v4().simple().to_string()[..12].to_owned(),
            fetches: AtomicU64::new(0),
            lost_fetches: LostFetches::default(),
        };
        Ok((store, health_check))
    }

    fn keys(&self, class: &ClassName) -> Keys {
        let mut all = self.keys.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(keys) = all.get(class) {
            return Arc::clone(keys);
        }
        let keys = Arc::new(keys::class_keys(&self.prefix, class));
        all.insert(class.clone(), Arc::clone(&keys));
        keys
    }

    fn next_mark(&self) -> String {
        format!("{}{:x}", self.mark, self.fetches.fetch_add(1, Ordering::Relaxed))
    }

    fn call<'a>(&'a self, script: &'a Script, class: &ClassName) -> ScriptInvocation<'a> {
        let mut invocation = script.prepare_invoke();
        invocation.key(&self.keys(class)[..]);
        invocation
    }

    /// Runs a script, and once more after mending when a key of somebody else was in its way.
    async fn invoke<T: FromRedisValue>(
        &self,
        operation: &'static str,
        class: &ClassName,
        invocation: &ScriptInvocation<'_>,
    ) -> Result<T, QueueError> {
        match self.client.invoke(operation, invocation).await {
            Err(QueueError::Redis { cause, .. }) if is_wrong_type(&cause) => {
                self.mend(class).await?;
                self.client.invoke(operation, invocation).await
            }
            answer => answer,
        }
    }

    /// Renames keys of another type that stand where the queue keeps its own, and lines up jobs that are nowhere.
    async fn mend(&self, class: &ClassName) -> Result<(), QueueError> {
        let mut cursor = "0".to_owned();
        loop {
            let mut invocation = self.call(&self.scripts.mend, class);
            invocation.arg(&cursor);
            let (next, renamed, adrift): (String, Vec<String>, u64) =
                self.client.invoke("mend a class", &invocation).await?;
            if adrift > 0 {
                meters::damaged(class, Damage::Adrift, adrift);
                tracing::error!(job.class = %class, jobs = adrift, "a key of the queue was lost, its jobs are ready again");
            }
            for key in renamed {
                meters::damaged(class, Damage::ForeignKey, 1);
                tracing::error!(
                    redis.key = key,
                    "a key that is not the queue's was set aside, jobs were lost"
                );
            }
            if next == "0" {
                return Ok(());
            }
            cursor = next;
        }
    }

    fn warn_set_aside(class: &ClassName, lines: u64) {
        if lines > 0 {
            meters::damaged(class, Damage::ForeignKey, lines);
            tracing::error!(job.class = %class, lines, "keys that are not the queue's were set aside, jobs were lost");
        }
    }
}

/// A hundred years: far beyond any wait that makes sense, and exact in Lua's numbers.
const MOST_MILLISECONDS: u64 = 100 * 365 * 24 * 60 * 60 * 1_000;

/// Rounded up, so that a short wait does not become none.
fn milliseconds(wait: Duration) -> u64 {
    let rounded = wait.as_nanos().div_ceil(1_000_000);
    u64::try_from(rounded).unwrap_or(u64::MAX).min(MOST_MILLISECONDS)
}

fn is_wrong_type(error: &redis::RedisError) -> bool {
    let wrong_type = Some("WRONGTYPE");
    error.code() == wrong_type
        || (matches!(
            error.kind(),
            ErrorKind::Server(ServerErrorKind::ResponseError) | ErrorKind::Extension
        ) && error.to_string().contains("WRONGTYPE"))
}

#[async_trait]
impl Store for RedisStore {
    async fn push(&self, class: &ClassName, jobs: &[&NewJob]) -> Result<usize, QueueError> {
        self.push_jobs(class, jobs).await
    }

    async fn fetch(&self, class: &ClassName, order: FetchRequest) -> Result<Batch, QueueError> {
        self.fetch_jobs(class, order).await
    }

    async fn settle(&self, class: &ClassName, ends: &[Settlement]) -> Result<usize, QueueError> {
        self.settle_leases(class, ends).await
    }

    async fn renew(
        &self,
        class: &ClassName,
        leases: &[LeaseKey],
        lease: Duration,
    ) -> Result<Vec<LeaseKey>, QueueError> {
        self.renew_leases(class, leases, lease).await
    }

    fn wakeup(&self, class: &ClassName) -> Arc<Notify> {
        let mut listener = self.listener.lock().unwrap_or_else(PoisonError::into_inner);
        listener.get_or_insert_with(|| {
            let listening = wakeups::listen(
                Arc::clone(&self.client),
                self.prefix.clone(),
                Arc::clone(&self.wakeups),
            );
            AbortOnDropHandle::new(tokio::spawn(listening))
        });
        self.wakeups.of(class)
    }

    async fn stats(&self, class: &ClassName) -> Result<ClassStats, QueueError> {
        self.count(class).await
    }

    async fn dead(&self, class: &ClassName, limit: usize) -> Result<Vec<DeadLetter>, QueueError> {
        self.newest_dead(class, limit).await
    }

    async fn redrive(&self, class: &ClassName, which: DeadSelection<'_>) -> Result<usize, QueueError> {
        self.take_dead("redrive", class, which).await
    }

    async fn discard_dead(&self, class: &ClassName, which: DeadSelection<'_>) -> Result<usize, QueueError> {
        self.take_dead("discard", class, which).await
    }

    async fn set_paused(&self, class: &ClassName, paused: bool) -> Result<(), QueueError> {
        self.mark_paused(class, paused).await
    }

    async fn is_paused(&self, class: &ClassName) -> Result<bool, QueueError> {
        self.read_paused(class).await
    }

    async fn ping(&self) -> Result<(), QueueError> {
        self.client.probe("do what is asked of it").await?;
        // A class that nobody has: no worker is woken.
        let wakeup = &self.keys(&ClassName::from("probe"))[8];
        self.client
            .query::<u64>("ring a bell", redis::cmd("PUBLISH").arg(wakeup).arg(""))
            .await
            .map(drop)
    }

    fn close(&self) {
        *self.listener.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}
