//! When each class was last fetched by this process.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

use crate::ClassName;

/// The last successful fetch of each class.
#[derive(Debug, Default)]
pub(crate) struct Liveness(Mutex<HashMap<ClassName, Instant>>);

impl Liveness {
    /// Notes a successful fetch, whether or not it brought a job.
    pub(crate) fn fetched(&self, class: &ClassName) {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match seen.get_mut(class) {
            Some(at) => *at = Instant::now(),
            None => drop(seen.insert(class.clone(), Instant::now())),
        }
    }

    /// Time since the last one; none before the first.
    pub(crate) fn age(&self, class: &ClassName) -> Option<Duration> {
        let seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        seen.get(class).map(Instant::elapsed)
    }
}
