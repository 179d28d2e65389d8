//! Looks after a connection, also while nobody uses it.

use std::time::Duration;

use redis::{RedisError, RedisResult};

use crate::Cause;

/// How often it is looked whether the server still does its work.
const CHECK_INTERVAL: Duration = Duration::from_secs(5);

/// Checks every few seconds. A failure that lasts is handed to `give_up` by its cause. Ends when `check` gives none,
/// because the last clone of the connection is gone.
pub(crate) async fn monitor<C>(check: impl Fn() -> C, give_up: impl Fn(Cause))
where
    C: Future<Output = Option<RedisResult<()>>>,
{
    let mut failures = 0_u32;
    loop {
        // Not in step with other processes.
        #[expect(clippy::disallowed_methods, reason = "redis knows nothing of ours")]
        let factor = rand::random_range(0.8..1.2);
        tokio::time::sleep(CHECK_INTERVAL.mul_f64(factor)).await;
        let Some(outcome) = check().await else {
            return;
        };
        failures = match &outcome {
            Ok(()) => 0,
            Err(_) => failures.saturating_add(1),
        };
        record(outcome.as_ref().err());
        // One refusal may pass. What lasts may be better behind the same address, once it is looked up again.
        if let Err(error) = &outcome
            && failures > 1
        {
            give_up(Cause::of(error));
        }
    }
}

fn record(failure: Option<&RedisError>) {
    metrics::gauge!("vitrine_redis_usable").set(if failure.is_some() { 0.0 } else { 1.0 });
    if let Some(error) = failure {
        let cause = Cause::of(error).as_str();
        metrics::counter!("vitrine_redis_refusals_total", "cause" => cause).increment(1);
        tracing::debug!(%error, cause, "Redis does not do its work");
    }
}
