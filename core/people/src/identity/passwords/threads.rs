//! Threads of their own for what passwords cost, which give way to everything else.

use argon2::Block;
use std::time::Duration;
use tokio::{sync::oneshot, time::timeout};
use vitrine_base::background::{ThreadLimits, ThreadPool, thread_pool};

/// What waits for a thread; more is refused at once, instead of being late.
const WAITING: usize = 64;
/// How long some work may take to get its turn and be done.
const LONGEST_WAIT: Duration = Duration::from_secs(10);
/// The lowest priority: a thread of the API that wakes up takes the processor at once.
const NICENESS: i32 = 19;

/// Working memory of one hash; each thread keeps its own while it has work, since memory given back and asked for anew
/// each time would pile up in the allocator.
pub(in crate::identity) type Memory = Vec<Block>;

/// Threads for one kind of work, with a queue of their own.
#[derive(Clone)]
pub(in crate::identity) struct PasswordThreadPool(ThreadPool<Memory>);

/// There is more to do than the machine can.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::identity) struct Overloaded;

impl PasswordThreadPool {
    /// At most so many threads, by the name of their work.
    pub(in crate::identity) fn new(name: &'static str, threads: usize) -> Self {
        Self(ThreadPool::new(ThreadLimits {
            name,
            niceness: NICENESS,
            threads,
            waiting: WAITING,
        }))
    }

    /// Does some work on one of the threads.
    ///
    /// # Errors
    /// [`Overloaded`] at once when too much waits, or after ten seconds.
    pub(in crate::identity) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Memory) -> T + Send + 'static,
    ) -> Result<T, Overloaded> {
        let (done, result) = oneshot::channel();
        let work = move |memory: &mut Memory| {
            // Nobody may be waiting any more.
            if !done.is_closed() {
                let _nobody_waits = done.send(work(memory));
            }
        };
        let submitted = self.0.submit(work);
        submitted.map_err(|thread_pool::Overloaded| Overloaded)?;
        match timeout(LONGEST_WAIT, result).await {
            Ok(Ok(value)) => Ok(value),
            _ => Err(Overloaded),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc::channel;

    #[tokio::test]
    async fn what_is_too_much_is_refused_at_once() {
        let threads = PasswordThreadPool::new("hashing", 1);
        let (begun, begins) = channel();
        let (end, ends) = channel::<()>();
        let first = threads.clone();
        let first = tokio::spawn(async move {
            first
                .run(move |_| {
                    begun.send(()).unwrap();
                    let _until_told = ends.recv();
                })
                .await
        });
        tokio::task::spawn_blocking(move || begins.recv().unwrap())
            .await
            .unwrap();
        let waiting: Vec<_> = (0..WAITING + 5)
            .map(|_| {
                let threads = threads.clone();
                tokio::spawn(async move { threads.run(|_| ()).await })
            })
            .collect();

        // Those that are refused are answered while the thread is busy with something else.
        let mut refused = 0;
        let mut accepted = Vec::new();
        for task in waiting {
            if accepted.len() < WAITING && !task.is_finished() {
                accepted.push(task);
            } else if task.await.unwrap() == Err(Overloaded) {
                refused += 1;
            }
        }
        end.send(()).unwrap();
        first.await.unwrap().unwrap();
        for task in accepted {
            if task.await.unwrap() == Err(Overloaded) {
                refused += 1;
            }
        }
        assert_eq!(refused, 5);
    }

    #[tokio::test]
    async fn work_that_breaks_costs_no_thread() {
        let threads = PasswordThreadPool::new("judging", 1);

        let broken = threads.run(|_| panic!("this password breaks the code")).await;

        assert_eq!(broken, Err::<(), _>(Overloaded));
        assert_eq!(threads.run(|_| 7).await, Ok(7));
    }

    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn the_threads_give_way_and_the_process_does_not() {
        let niceness = || rustix::process::getpriority_process(None).unwrap();

        let there = PasswordThreadPool::new("hashing", 1)
            .run(move |_| niceness())
            .await
            .unwrap();

        assert_eq!(there, NICENESS);
        assert!(niceness() < NICENESS);
    }
}
