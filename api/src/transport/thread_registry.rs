//! Asks every thread at once.

use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::{mpsc, oneshot};

type Questions = mpsc::UnboundedSender<oneshot::Sender<usize>>;

/// The threads that hold connections. Clones share the list.
#[derive(Clone, Debug, Default)]
pub(crate) struct ThreadRegistry(Arc<Mutex<Vec<Questions>>>);

impl ThreadRegistry {
    /// One more thread, and what it is asked.
    pub(super) fn join(&self) -> mpsc::UnboundedReceiver<oneshot::Sender<usize>> {
        let (questions, asked) = mpsc::unbounded_channel();
        self.threads().push(questions);
        asked
    }

    /// How many clients wait for something that nobody has begun to answer.
    pub(super) async fn unanswered(&self) -> usize {
        let asked: Vec<_> = self.threads().iter().filter_map(query).collect();
        let mut unanswered = 0;
        for answer in asked {
            unanswered += answer.await.unwrap_or(0);
        }
        unanswered
    }

    fn threads(&self) -> std::sync::MutexGuard<'_, Vec<Questions>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn query(thread: &Questions) -> Option<oneshot::Receiver<usize>> {
    let (answer, answered) = oneshot::channel();
    thread.send(answer).ok().map(|()| answered)
}
