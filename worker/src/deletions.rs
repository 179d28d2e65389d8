//! Looks for deletions that Meta ordered, and does them.

use std::time::Duration;
use tokio_util::sync::CancellationToken;
use vitrine_accounts::callbacks::{DeletionError, Deletions};
use vitrine_base::random;

/// Time between two looks; each is earlier by up to a quarter, so that workers drift apart.
const EVERY: Duration = Duration::from_secs(3);

/// Deletes until it is asked to stop, one order after the other; what is cut off is gone on with by whoever looks
/// next.
pub(crate) async fn run(deletions: Deletions, stop: CancellationToken) {
    loop {
        let rest = random::jitter(EVERY, 0.75..1.0);
        if stop.run_until_cancelled(tokio::time::sleep(rest)).await.is_none() {
            return;
        }
        if stop.run_until_cancelled(run_due(&deletions)).await.is_none() {
            return;
        }
    }
}

async fn run_due(deletions: &Deletions) {
    loop {
        match deletions.next().await {
            Ok(true) => {}
            Ok(false) => return,
            Err(DeletionError::NotFound(error)) => {
                tracing::warn!(%error, "could not look for deletions, trying again");
                return;
            }
            Err(DeletionError::Interrupted(error)) => {
                tracing::warn!(%error, "a deletion was interrupted and will be resumed");
                return;
            }
        }
    }
}
