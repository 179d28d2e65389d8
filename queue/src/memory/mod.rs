//! The engine inside this process.

mod backlog;
mod class;
mod dead;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use tokio::{sync::Notify, time::Instant};

use crate::{
    ClassName, ClassStats, DeadLetter, DeadSelection, NewJob, QueueError,
    store::{Batch, FetchRequest, LeaseKey, Settlement, Store},
};
use class::ClassState;

/// Keeps everything in maps behind one lock a class.
pub(crate) struct MemoryStore {
    classes: Mutex<HashMap<ClassName, Arc<MemoryClass>>>,
    dead_letters: usize,
}

struct MemoryClass {
    state: Mutex<ClassState>,
    wakeup: Arc<Notify>,
}

impl MemoryStore {
    /// An empty engine that keeps this many dead letters a class.
    pub(crate) fn new(dead_letters: usize) -> Self {
        Self {
            classes: Mutex::default(),
            dead_letters,
        }
    }

    fn class(&self, name: &ClassName) -> Arc<MemoryClass> {
        let mut classes = self.classes.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(class) = classes.get(name) {
            return Arc::clone(class);
        }
        let class = Arc::new(MemoryClass {
            state: Mutex::new(ClassState::new(self.dead_letters)),
            wakeup: Arc::new(Notify::new()),
        });
        classes.insert(name.clone(), Arc::clone(&class));
        class
    }

    /// Works on a class, and rings for the workers when the work may have given them something to do.
    fn with<T>(&self, name: &ClassName, work: impl FnOnce(&mut ClassState, Instant) -> T) -> T {
        let class = self.class(name);
        let mut state = class.state.lock().unwrap_or_else(PoisonError::into_inner);
        let answer = work(&mut state, Instant::now());
        let ring = state.take_news();
        drop(state);
        if ring {
            class.wakeup.notify_waiters();
        }
        answer
    }
}

#[async_trait]
impl Store for MemoryStore {
    async fn push(&self, class: &ClassName, jobs: &[&NewJob]) -> Result<usize, QueueError> {
        Ok(self.with(class, |state, now| {
            jobs.iter().filter(|job| state.push(job, now)).count()
        }))
    }

    async fn fetch(&self, class: &ClassName, order: FetchRequest) -> Result<Batch, QueueError> {
        Ok(self.with(class, |state, now| state.fetch(order, now)))
    }

    async fn settle(&self, class: &ClassName, ends: &[Settlement]) -> Result<usize, QueueError> {
        Ok(self.with(class, |state, now| {
            ends.iter().filter(|end| !state.settle(end, now)).count()
        }))
    }

    async fn renew(
        &self,
        class: &ClassName,
        leases: &[LeaseKey],
        lease: Duration,
    ) -> Result<Vec<LeaseKey>, QueueError> {
        Ok(self.with(class, |state, now| {
            leases
                .iter()
                .filter(|key| !state.renew(key, now + lease))
                .cloned()
                .collect()
        }))
    }

    fn wakeup(&self, class: &ClassName) -> Arc<Notify> {
        Arc::clone(&self.class(class).wakeup)
    }

    async fn stats(&self, class: &ClassName) -> Result<ClassStats, QueueError> {
        Ok(self.with(class, |state, now| state.stats(now)))
    }

    async fn dead(&self, class: &ClassName, limit: usize) -> Result<Vec<DeadLetter>, QueueError> {
        Ok(self.with(class, |state, _| state.dead.newest(limit)))
    }

    async fn redrive(&self, class: &ClassName, which: DeadSelection<'_>) -> Result<usize, QueueError> {
        Ok(self.with(class, |state, now| state.redrive(which, now)))
    }

    async fn discard_dead(&self, class: &ClassName, which: DeadSelection<'_>) -> Result<usize, QueueError> {
        Ok(self.with(class, |state, _| state.dead.take(which).len()))
    }

    async fn set_paused(&self, class: &ClassName, paused: bool) -> Result<(), QueueError> {
        self.with(class, |state, _| state.set_paused(paused));
        Ok(())
    }

    async fn is_paused(&self, class: &ClassName) -> Result<bool, QueueError> {
        Ok(self.with(class, |state, _| state.is_paused()))
    }

    async fn ping(&self) -> Result<(), QueueError> {
        Ok(())
    }

    fn close(&self) {}
}
