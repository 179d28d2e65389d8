//! Threads for work that would hold up those that answer. They begin with work, and end when they are idle.

use super::lower_priority;
use std::{
    collections::VecDeque,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread,
    time::Duration,
};

/// A thread that had nothing to do for so long gives its memory back, and ends soon after.
const IDLE: Duration = Duration::from_secs(10);
/// The part of [`IDLE`] for which it stays after that: the allocator returns memory to the system a second after it was
/// given back, and looks for such memory when a thread ends.
const LAST_PART: u32 = 5;

type Work<M> = Box<dyn FnOnce(&mut M) + Send>;

/// How many threads there may be for one kind of work, and how they behave.
#[derive(Clone, Copy, Debug)]
pub struct ThreadLimits {
    /// What their names begin with.
    pub name: &'static str,
    /// How far they give way.
    pub niceness: i32,
    /// How many there may be.
    pub threads: usize,
    /// How much work may wait for them.
    pub waiting: usize,
}

/// Threads for one kind of work, each with a memory of its own that it keeps from one piece to the next.
///
/// They begin when there is something to do. When there was nothing for ten seconds they give their memory back, and
/// soon after they end; also when the last clone is gone and all is done.
pub struct ThreadPool<M>(Arc<Handle<M>>);

/// More waits than may.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("too much waits for a thread")]
pub struct Overloaded;

impl<M> Clone for ThreadPool<M> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<M: Default + 'static> ThreadPool<M> {
    /// No thread begins before there is something to do.
    #[must_use]
    pub fn new(limits: ThreadLimits) -> Self {
        Self::ending_after(IDLE, limits)
    }

    fn ending_after(idle: Duration, limits: ThreadLimits) -> Self {
        let shared = Shared {
            limits,
            idle,
            state: Mutex::new(State {
                waiting: VecDeque::new(),
                threads: 0,
                idle: 0,
                closed: false,
            }),
            arrived: Condvar::new(),
        };
        Self(Arc::new(Handle(Arc::new(shared))))
    }

    /// Has some work done in its turn. Work that panics takes no thread with it.
    ///
    /// # Errors
    /// [`Overloaded`] when too much waits, or no thread can be had.
    pub fn submit(&self, work: impl FnOnce(&mut M) + Send + 'static) -> Result<(), Overloaded> {
        let shared = &self.0.0;
        let mut state = shared.lock();
        if state.waiting.len() >= shared.limits.waiting {
            return Err(Overloaded);
        }
        state.waiting.push_back(Box::new(work));
        if state.idle < state.waiting.len() && state.threads < shared.limits.threads {
            begin(shared, &mut state);
        }
        if state.threads == 0 {
            state.waiting.clear();
            return Err(Overloaded);
        }
        drop(state);
        shared.arrived.notify_one();
        Ok(())
    }
}

/// Closes the pool when the last clone is gone.
struct Handle<M>(Arc<Shared<M>>);

impl<M> Drop for Handle<M> {
    fn drop(&mut self) {
        self.0.lock().closed = true;
        self.0.arrived.notify_all();
    }
}

/// What the threads share.
struct Shared<M> {
    limits: ThreadLimits,
    idle: Duration,
    state: Mutex<State<M>>,
    arrived: Condvar,
}

struct State<M> {
    waiting: VecDeque<Work<M>>,
    threads: usize,
    /// Threads that wait for work.
    idle: usize,
    closed: bool,
}

impl<M> Shared<M> {
    fn lock(&self) -> MutexGuard<'_, State<M>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What a thread does next, which may have given its memory back already.
    fn next(&self, is_empty: bool) -> Next<M> {
        let patience = if is_empty {
            self.idle / LAST_PART
        } else {
            self.idle
        };
        let mut state = self.lock();
        state.idle += 1;
        let nothing_to_do = |state: &mut State<M>| state.waiting.is_empty() && !state.closed;
        let waited = self.arrived.wait_timeout_while(state, patience, nothing_to_do);
        (state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        state.idle -= 1;
        match state.waiting.pop_front() {
            Some(work) => Next::Work(work),
            None if is_empty || state.closed => {
                state.threads -= 1;
                Next::End
            }
            None => Next::GiveBack,
        }
    }
}

/// What a thread does next.
enum Next<M> {
    Work(Work<M>),
    /// Gives its memory back.
    GiveBack,
    End,
}

fn begin<M: Default + 'static>(shared: &Arc<Shared<M>>, state: &mut State<M>) {
    let (limits, of_thread) = (shared.limits, Arc::clone(shared));
    let begun = thread::Builder::new()
        .name(format!("{}-{}", limits.name, state.threads))
        .spawn(move || work_on(&of_thread));
    match begun {
        Ok(_) => state.threads += 1,
        Err(error) => {
            tracing::error!(error = %error, thread.name = limits.name, "a thread could not be started");
        }
    }
}

fn work_on<M: Default>(shared: &Shared<M>) {
    lower_priority(shared.limits.niceness);
    let mut memory = None;
    loop {
        match shared.next(memory.is_none()) {
            // The words of a panic are left to the panic hook.
            Next::Work(work) => drop(catch_unwind(AssertUnwindSafe(|| {
                work(memory.get_or_insert_default());
            }))),
            Next::GiveBack => memory = None,
            Next::End => return,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc::channel;

    type Pool = ThreadPool<Vec<u32>>;

    const ONE: ThreadLimits = ThreadLimits {
        name: "test",
        niceness: 1,
        threads: 1,
        waiting: 2,
    };

    fn threads(pool: &Pool) -> usize {
        pool.0.0.lock().threads
    }

    /// Writes a number into the thread's memory, and tells what is there then.
    fn remember(pool: &Pool, number: u32) -> Vec<u32> {
        let (done, wait) = channel();
        let work = move |memory: &mut Vec<u32>| {
            memory.push(number);
            done.send(memory.clone()).unwrap();
        };
        pool.submit(work).unwrap();
        wait.recv().unwrap()
    }

    #[test]
    fn threads_begin_with_work_and_keep_their_memory() {
        let pool = Pool::new(ONE);
        assert_eq!(threads(&pool), 0);

        assert_eq!(remember(&pool, 1), [1]);
        assert_eq!(remember(&pool, 2), [1, 2]);

        assert_eq!(threads(&pool), 1);
    }

    #[test]
    fn an_idle_thread_ends_with_its_memory_and_another_begins() {
        let pool = Pool::ending_after(Duration::from_millis(1), ONE);
        remember(&pool, 1);

        while threads(&pool) > 0 {
            thread::yield_now();
        }

        assert_eq!(remember(&pool, 2), [2]);
    }

    #[test]
    fn work_beyond_what_may_wait_is_refused_and_a_panic_takes_no_thread() {
        let pool = Pool::new(ONE);
        let ((end, ends), (begun, begins)) = (channel::<()>(), channel());
        let blocking = move |_: &mut Vec<u32>| {
            begun.send(()).unwrap();
            let _until_told = ends.recv();
            panic!("on purpose");
        };
        pool.submit(blocking).unwrap();
        begins.recv().unwrap();
        let (done, wait) = channel();
        for _ in 0..ONE.waiting {
            let done = done.clone();
            pool.submit(move |_| done.send(()).unwrap()).unwrap();
        }

        assert_eq!(pool.submit(|_| ()), Err(Overloaded));

        drop(end);
        assert_eq!((wait.recv(), wait.recv()), (Ok(()), Ok(())));
        assert_eq!(threads(&pool), 1);
    }

    #[test]
    fn work_that_finds_no_idle_thread_begins_another() {
        let pool = Pool::new(ThreadLimits { threads: 2, ..ONE });
        let meeting = Arc::new(std::sync::Barrier::new(2));
        let (done, wait) = channel();
        for _ in 0..2 {
            let (meeting, done) = (Arc::clone(&meeting), done.clone());
            let work = move |_: &mut Vec<u32>| {
                meeting.wait();
                done.send(()).unwrap();
            };
            pool.submit(work).unwrap();
        }

        assert_eq!((wait.recv(), wait.recv()), (Ok(()), Ok(())));
    }

    #[test]
    fn threads_end_with_the_last_clone() {
        let pool = Pool::new(ONE);
        let shared = Arc::downgrade(&pool.0.0);
        remember(&pool.clone(), 1);

        drop(pool);

        while shared.strong_count() > 0 {
            thread::yield_now();
        }
    }
}
