//! Ending on SIGTERM or SIGINT: the first one asks, the second one insists.

use std::process;
use std::time::Duration;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::sync::CancellationToken;

use crate::failure::Failure;

/// What a shell expects of a process that was ended by SIGINT.
const INTERRUPTED: i32 = 130;

/// A token that is cancelled by the first signal; the second ends the process at once.
///
/// # Errors
/// When the system lets no signal be watched.
pub(crate) fn on_signal() -> Result<CancellationToken, Failure> {
    let cannot_watch = |error| Failure::because("cannot watch for signals", &error);
    let mut terminate = signal(SignalKind::terminate()).map_err(cannot_watch)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(cannot_watch)?;
    let token = CancellationToken::new();
    let ending = token.clone();
    // Lives as long as the process, since the second signal may come at any time.
    tokio::spawn(async move {
        either(&mut terminate, &mut interrupt).await;
        tracing::info!("stopping; a second signal ends at once");
        ending.cancel();
        either(&mut terminate, &mut interrupt).await;
        process::exit(INTERRUPTED);
    });
    Ok(token)
}

async fn either(one: &mut Signal, other: &mut Signal) {
    tokio::select! {
        _ = one.recv() => (),
        _ = other.recv() => (),
    }
}

/// Runs `work` to its end, but no longer than `grace` after `stop` was cancelled. What is cut off is taken
/// up again by whoever runs next, since jobs are leased.
pub(crate) async fn bounded<T>(
    work: impl Future<Output = T>,
    stop: &CancellationToken,
    grace: Duration,
) -> Option<T> {
    let too_late = async {
        stop.cancelled().await;
        tokio::time::sleep(grace).await;
    };
    tokio::select! {
        done = work => Some(done),
        () = too_late => {
            tracing::warn!(shutdown.grace_seconds = grace.as_secs(), "not everything finished in time");
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn work_that_does_not_end_is_cut_off_after_the_grace() {
        let stop = CancellationToken::new();
        stop.cancel();
        assert_eq!(
            bounded(std::future::pending::<()>(), &stop, Duration::from_millis(5)).await,
            None
        );
    }

    #[tokio::test]
    async fn work_that_ends_is_not_cut_off() {
        let stop = CancellationToken::new();
        stop.cancel();
        let work = async {
            tokio::task::yield_now().await;
            7
        };
        assert_eq!(bounded(work, &stop, Duration::from_secs(60)).await, Some(7));
    }
}
