//! What runs beside requests and jobs for as long as they need it.

use std::time::Duration;

use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// A task stops where it waits, so this is only for one that computes.
const PATIENCE: Duration = Duration::from_secs(1);

/// The tasks of a process that have no end of their own, such as those that keep keys and clocks fresh. Clones share
/// them.
#[derive(Clone, Debug, Default)]
pub(crate) struct BackgroundTasks {
    running: TaskTracker,
    ending: CancellationToken,
}

impl BackgroundTasks {
    /// Runs a task until it returns or all of them are ended.
    pub(crate) fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        let ending = self.ending.clone();
        self.running.spawn(async move {
            ending.run_until_cancelled(task).await;
        });
    }

    /// Ends all of them where they wait, and returns once they are gone; twice is safe.
    pub(crate) async fn end(&self) {
        self.ending.cancel();
        self.running.close();
        if timeout(PATIENCE, self.running.wait()).await.is_err() {
            tracing::warn!(
                tasks = self.running.len(),
                "some background tasks did not end in time"
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use std::future::pending;
    use std::sync::Arc;

    use super::*;

    #[tokio::test]
    async fn the_end_waits_until_every_task_is_gone() {
        let tasks = BackgroundTasks::default();
        let held = Arc::new(());
        for _ in 0..3 {
            let held = Arc::clone(&held);
            tasks.spawn(async move {
                pending::<()>().await;
                drop(held);
            });
        }

        tasks.end().await;

        assert_eq!(Arc::strong_count(&held), 1);
    }

    #[tokio::test]
    async fn what_is_begun_after_the_end_does_not_run() {
        let tasks = BackgroundTasks::default();
        tasks.end().await;

        tasks.spawn(async { panic!("it runs") });

        tasks.end().await;
        assert!(tasks.running.is_empty());
    }
}
