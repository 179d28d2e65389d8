//! Where large pages are made: apart from the threads that answer, and one at a time for each tenant.

use crate::FeedError;
use moka::sync::Cache;
use std::{num::NonZeroUsize, sync::Arc, thread::available_parallelism, time::Duration};
use tokio::sync::{Mutex as Turns, OwnedMutexGuard, Semaphore, oneshot};
use vitrine_base::background::{ThreadLimits, ThreadPool};
use vitrine_entity::TenantId;

/// Threads that answer come first; yet a large page is waited for.
const NICENESS: i32 = 10;
/// Tenants whose turns are remembered.
const MOST_TENANTS: u64 = 100_000;
/// Longer than any page takes.
const FORGOTTEN_AFTER: Duration = Duration::from_hours(1);

/// Makes large pages. Clones share its threads.
#[derive(Clone)]
pub(crate) struct RenderPool {
    threads: ThreadPool<()>,
    places: Arc<Semaphore>,
    turns: Cache<TenantId, Arc<Turns<()>>>,
}

/// The turn of a tenant: no other large page is made for it meanwhile. What is being made has it too, since whoever
/// asked may go away.
#[derive(Clone)]
pub(crate) struct Turn {
    _mine: Arc<OwnedMutexGuard<()>>,
}

impl RenderPool {
    /// With at most a thread for every two processors.
    pub(crate) fn new() -> Self {
        let processors = available_parallelism().map_or(1, NonZeroUsize::get);
        Self::of(processors.div_ceil(2))
    }

    fn of(threads: usize) -> Self {
        let limits = ThreadLimits {
            name: "pages",
            niceness: NICENESS,
            threads,
            // Work has one of as many places before it is submitted, so that no more ever waits.
            waiting: threads,
        };
        Self {
            threads: ThreadPool::new(limits),
            places: Arc::new(Semaphore::new(threads)),
            turns: Cache::builder()
                .max_capacity(MOST_TENANTS)
                .time_to_idle(FORGOTTEN_AFTER)
                .build(),
        }
    }

    /// The tenant's turn, in the order in which was asked for it.
    pub(crate) async fn turn(&self, tenant: TenantId) -> Turn {
        let turns = self.turns.get_with(tenant, Arc::default);
        let _mine = Arc::new(turns.lock_owned().await);
        Turn { _mine }
    }

    /// Does something large on a thread that may take its time. Whoever has a turn has one place in the queue, so that
    /// a tenant with many large pages keeps others waiting for one of them.
    ///
    /// # Errors
    /// When the work panics.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        turn: &Turn,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, FeedError> {
        let place = Arc::clone(&self.places).acquire_owned().await;
        let place = place.map_err(FeedError::unwritable)?;
        let (turn, (done, result)) = (turn.clone(), oneshot::channel());
        let work = move |(): &mut ()| {
            // Nobody may be waiting any more.
            if !done.is_closed() {
                let _nobody_waits = done.send(work());
            }
            // Not sooner: whoever asked may be gone, and the work still takes its tenant's turn.
            drop((place, turn));
        };
        self.threads.submit(work).map_err(FeedError::unwritable)?;
        result.await.map_err(FeedError::unwritable)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::future::join_all;
    use std::sync::{Mutex, mpsc};
    use vitrine_entity::TenantId;

    async fn make(render_pool: RenderPool, tenant: TenantId, work: impl FnOnce() + Send + 'static) {
        let turn = render_pool.turn(tenant).await;
        render_pool.run(&turn, work).await.unwrap();
    }

    #[tokio::test]
    async fn a_tenant_with_many_pages_has_one_place_in_the_queue() {
        let (render_pool, greedy, modest) = (RenderPool::of(1), TenantId::generate(), TenantId::generate());
        let ((go, wait), order) = (mpsc::channel::<()>(), Arc::new(Mutex::new(Vec::new())));
        let note = |word: &'static str| {
            let order = Arc::clone(&order);
            move || order.lock().unwrap().push(word)
        };
        let first = note("greedy");
        let mut made = vec![tokio::spawn(make(render_pool.clone(), greedy, move || {
            let _until_told = wait.recv();
            first();
        }))];
        for _ in 0..3 {
            made.push(tokio::spawn(make(render_pool.clone(), greedy, note("greedy"))));
        }
        tokio::task::yield_now().await;
        made.push(tokio::spawn(make(render_pool.clone(), modest, note("modest"))));
        tokio::task::yield_now().await;

        go.send(()).unwrap();
        join_all(made).await;

        assert_eq!(
            *order.lock().unwrap(),
            ["greedy", "modest", "greedy", "greedy", "greedy"]
        );
    }

    #[tokio::test]
    async fn a_page_that_panics_leaves_the_thread_to_others() {
        let (render_pool, tenant) = (RenderPool::of(1), TenantId::generate());
        let turn = render_pool.turn(tenant).await;

        assert!(
            render_pool
                .run(&turn, || panic!("on purpose"))
                .await
                .map(drop::<()>)
                .is_err()
        );

        assert_eq!(render_pool.run(&turn, || 7).await.unwrap(), 7);
    }

    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn its_threads_give_way() {
        let (render_pool, tenant) = (RenderPool::of(1), TenantId::generate());
        let turn = render_pool.turn(tenant).await;

        let there = render_pool.run(&turn, || rustix::process::getpriority_process(None).unwrap());

        assert_eq!(there.await.unwrap(), NICENESS);
    }
}
