//! Keeping a lease while work goes on.

use std::time::Duration;

/// Does the work of a run, and renews its lease each time that `every` has passed; none when `renew` says that the
/// lease was lost. Both go on side by side: the work may have the row locked that `renew` waits for.
pub async fn with_renewal<T, H>(
    every: Duration,
    work: impl Future<Output = T>,
    renew: impl Fn() -> H,
) -> Option<T>
where
    H: Future<Output = bool>,
{
    let lost = async {
        loop {
            tokio::time::sleep(every).await;
            if !renew().await {
                return;
            }
        }
    };
    tokio::select! {
        biased;
        done = work => Some(done),
        () = lost => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;
    use tokio::sync::Mutex;

    const LEASE: Duration = Duration::from_secs(90);

    #[tokio::test(start_paused = true)]
    async fn work_goes_on_while_the_account_is_held() {
        let (row, held) = (Mutex::new(()), Cell::new(0));
        let work = async {
            let locked = row.lock().await;
            tokio::time::sleep(LEASE / 2).await;
            drop(locked);
            tokio::time::sleep(LEASE * 2).await;
        };
        let renew = || async {
            let _locked = row.lock().await;
            held.set(held.get() + 1);
            true
        };

        assert!(with_renewal(LEASE / 3, work, renew).await.is_some());
        assert!(held.get() >= 4, "{}", held.get());
    }

    #[tokio::test(start_paused = true)]
    async fn a_run_that_lost_its_account_ends() {
        let work = std::future::pending::<()>();

        assert!(with_renewal(LEASE / 3, work, || async { false }).await.is_none());
    }
}
