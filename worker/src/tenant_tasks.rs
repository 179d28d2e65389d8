//! Exports and deletions of whole tenants, beside the jobs of accounts.

use std::time::Duration;
use tokio_util::sync::CancellationToken;
use vitrine_tenancy::tenants::{TaskError, TaskRunner};

/// How long a task waits at most until somebody looks.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// How long to wait when the database is away.
const TROUBLE: Duration = Duration::from_secs(10);

/// Does what is due until it is asked to stop. What runs then is begun again by another worker: no work is
/// waited for that may take minutes.
pub(crate) async fn run(runner: TaskRunner, stop: CancellationToken) {
    while let Some(wait) = stop.run_until_cancelled(look(&runner)).await {
        if stop.run_until_cancelled(tokio::time::sleep(wait)).await.is_none() {
            return;
        }
    }
}

async fn look(runner: &TaskRunner) -> Duration {
    match runner.run_due().await {
        Ok(true) => Duration::ZERO,
        Ok(false) => LOOK_EVERY,
        Err(error) => {
            report(&error);
            TROUBLE
        }
    }
}

fn report(error: &TaskError) {
    let cause = std::error::Error::source(error).map(ToString::to_string);
    tracing::warn!(cause, "work on tenants is waiting: {error}");
}
