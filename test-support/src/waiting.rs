//! Waiting for something to become true.

use std::time::Duration;

use tokio::time::{Instant, sleep};

const BETWEEN_LOOKS: Duration = Duration::from_millis(10);

/// Looks again and again until `condition` holds. It looks at least once, and once more at the very end.
///
/// # Errors
/// When the condition still does not hold after `within`.
pub async fn wait_until(within: Duration, mut condition: impl AsyncFnMut() -> bool) -> anyhow::Result<()> {
    let deadline = Instant::now() + within;
    while !condition().await {
        anyhow::ensure!(
            Instant::now() < deadline,
            "what the test waits for did not happen within {within:?}"
        );
        sleep(BETWEEN_LOOKS).await;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn waiting_ends_when_the_condition_holds() {
        let mut looks = 0;

        let waited = wait_until(Duration::from_secs(10), async || {
            looks += 1;
            looks == 3
        })
        .await;

        assert!(waited.is_ok());
        assert_eq!(looks, 3);
    }

    #[tokio::test]
    async fn waiting_gives_up_at_the_deadline() {
        let waited = wait_until(Duration::from_millis(30), async || false).await;

        assert!(waited.unwrap_err().to_string().contains("30ms"));
    }
}
