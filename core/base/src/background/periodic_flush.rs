//! What is counted in memory and written down in batches.

use std::{future::Future, pin::pin, time::Duration};
use tokio::time::{MissedTickBehavior, interval};

/// Writes at once, then every `every` until `stop`, and waits for `end`, when nothing is counted any more.
///
/// What is left then is the caller's to write: through [`crate::database::Database::dedicated`], since the threads
/// that opened the other connections may have ended.
pub async fn flush_until<F: Future>(
    every: Duration,
    stop: impl Future<Output = ()>,
    end: impl Future<Output = ()>,
    mut write: impl FnMut() -> F,
) {
    let mut ticks = interval(every);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut stop = pin!(stop);
    loop {
        tokio::select! {
            () = &mut stop => break,
            _ = ticks.tick() => write().await,
        };
    }
    end.await;
}
