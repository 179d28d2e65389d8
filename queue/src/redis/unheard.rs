//! Fetches whose answers did not arrive: Redis may have leased jobs to them that nobody runs.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use crate::{ClassName, QueueError};

/// The most that are remembered for a class: at five seconds each, beyond two minutes of silence. The jobs of
/// those before them come back when their leases run out.
const MOST: usize = 32;

/// The marks of those fetches, which the next fetch takes back.
#[derive(Default)]
pub(super) struct Unheard(Mutex<HashMap<ClassName, Vec<String>>>);

impl Unheard {
    /// The marks of a class.
    pub(super) fn of(&self, class: &ClassName) -> Vec<String> {
        self.all().get(class).cloned().unwrap_or_default()
    }

    /// Remembers a fetch that failed, unless it certainly leased nothing.
    pub(super) fn note(&self, class: &ClassName, mark: &str, error: &QueueError) {
        let QueueError::Redis { source, .. } = error else {
            return;
        };
        if !source.is_io_error() || source.is_connection_refusal() {
            return;
        }
        let mut all = self.all();
        let marks = all.entry(class.clone()).or_default();
        if marks.len() == MOST {
            marks.remove(0);
        }
        marks.push(mark.to_owned());
    }

    /// Forgets those that were taken back.
    pub(super) fn settle(&self, class: &ClassName, taken: &[String]) {
        if let Some(marks) = self.all().get_mut(class) {
            marks.retain(|mark| !taken.contains(mark));
        }
    }

    fn all(&self) -> MutexGuard<'_, HashMap<ClassName, Vec<String>>> {
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
            source: io::Error::from(kind).into(),
        }
    }

    #[test]
    fn what_may_have_been_leased_is_remembered_until_it_is_taken_back() {
        let (unheard, class) = (Unheard::default(), ClassName::from("class"));
        unheard.note(&class, "away", &failed(io::ErrorKind::ConnectionRefused));
        for number in 0..=MOST {
            unheard.note(&class, &number.to_string(), &failed(io::ErrorKind::TimedOut));
        }

        let marks = unheard.of(&class);
        unheard.note(&class, "later", &failed(io::ErrorKind::TimedOut));
        unheard.settle(&class, &marks);

        assert_eq!((marks.len(), marks[0].as_str()), (MOST, "1"));
        assert_eq!(unheard.of(&class), ["later"]);
    }
}
