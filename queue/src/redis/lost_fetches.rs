//! Fetches whose answers did not arrive: Redis may have leased jobs to them that nobody runs.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

use crate::{ClassName, QueueError};

/// The most that are remembered for a class: at five seconds each, beyond two minutes of silence. The jobs of
/// those before them come back when their leases run out.
const MOST: usize = 32;

/// A fetch whose connection was given up may still arrive, behind those of the next connection: its jobs are taken
/// back for this long.
const LATE: Duration = Duration::from_secs(30);

struct Fetch {
    mark: String,
    failed: Instant,
}

/// Those fetches, whose jobs the next ones take back.
#[derive(Default)]
pub(super) struct LostFetches(Mutex<HashMap<ClassName, Vec<Fetch>>>);

impl LostFetches {
    /// The marks of a class.
    pub(super) fn of(&self, class: &ClassName) -> Vec<String> {
        let all = self.all();
        let fetches = all.get(class).into_iter().flatten();
        fetches.map(|fetch| fetch.mark.clone()).collect()
    }

    /// Remembers a fetch that failed, unless it certainly leased nothing.
    pub(super) fn note(&self, class: &ClassName, mark: &str, error: &QueueError) {
        let QueueError::Redis { cause, .. } = error else {
            return;
        };
        if !cause.is_io_error() || cause.is_connection_refusal() {
            return;
        }
        let mut all = self.all();
        let fetches = all.entry(class.clone()).or_default();
        if fetches.len() == MOST {
            fetches.remove(0);
        }
        fetches.push(Fetch {
            mark: mark.to_owned(),
            failed: Instant::now(),
        });
    }

    /// Forgets those whose jobs were taken back long after they failed.
    pub(super) fn settle(&self, class: &ClassName, taken: &[String]) {
        if let Some(fetches) = self.all().get_mut(class) {
            fetches.retain(|fetch| fetch.failed.elapsed() < LATE || !taken.contains(&fetch.mark));
        }
    }

    fn all(&self) -> MutexGuard<'_, HashMap<ClassName, Vec<Fetch>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;

    fn failed(kind: io::ErrorKind) -> QueueError {
        QueueError::Redis {
            operation: "hand out jobs",
            cause: io::Error::from(kind).into(),
        }
    }

    #[tokio::test(start_paused = true)]
    async fn what_may_have_been_leased_is_remembered_until_nothing_can_be_late() {
        let (lost_fetches, class) = (LostFetches::default(), ClassName::from("class"));
        lost_fetches.note(&class, "away", &failed(io::ErrorKind::ConnectionRefused));
        for number in 0..=MOST {
            lost_fetches.note(&class, &number.to_string(), &failed(io::ErrorKind::TimedOut));
        }

        let marks = lost_fetches.of(&class);
        lost_fetches.settle(&class, &marks);
        assert_eq!(lost_fetches.of(&class), marks, "one may still arrive");
        tokio::time::advance(LATE).await;
        lost_fetches.note(&class, "later", &failed(io::ErrorKind::TimedOut));
        lost_fetches.settle(&class, &marks);

        assert_eq!((marks.len(), marks[0].as_str()), (MOST, "1"));
        assert_eq!(lost_fetches.of(&class), ["later"]);
    }
}
