//! What a run of a job works with, and how it keeps its account.

use super::{Cadence, Calls, StatusRules};
use crate::jobs::AccountJob;
use std::time::Duration;
use vitrine_base::{clock::SharedClock, database::Database, security::Vault};
use vitrine_entity::{LeaseId, Time};
use vitrine_limits::budget::CallClass;

/// What a run knows about itself.
#[derive(Clone, Copy, Debug)]
pub struct RunContext {
    /// The claim under which it works.
    pub lease: LeaseId,
    /// Who asked, which decides what it may spend.
    pub class: CallClass,
    /// When it began.
    pub started_at: Time,
    /// Whether somebody asked for it; then the schedule's own turn is not its to move.
    pub requested: bool,
}

impl RunContext {
    /// A run of the schedule spends less than one that a person waits for.
    pub(super) fn new(job: &AccountJob, started_at: Time, scheduled: CallClass) -> Self {
        let requested = job.job.is_some();
        let class = if requested {
            CallClass::Interactive
        } else {
            scheduled
        };
        Self {
            lease: LeaseId::generate(),
            class,
            started_at,
            requested,
        }
    }
}

/// What the jobs of accounts work with.
#[derive(Clone)]
pub struct RunParts {
    /// Where accounts are kept.
    pub database: Database,
    /// Where time comes from.
    pub clock: SharedClock,
    /// Opens and seals tokens.
    pub vault: Vault,
    /// Instagram, behind the budget.
    pub calls: Calls,
    /// Decides over accounts.
    pub status_rules: StatusRules,
    /// How often things are done.
    pub cadence: Cadence,
}

/// How long a run has its account to itself at a time. One that died gives it back so soon.
pub(super) const LEASE: Duration = Duration::from_secs(90);

/// Does the work of a run, and says again and again for as long as it takes that it goes on; none when the
/// account was lost meanwhile. Both go on side by side: the work may have the row locked that `renew` waits for.
pub(super) async fn with_lease_renewal<T, H>(
    work: impl Future<Output = T>,
    renew: impl Fn() -> H,
) -> Option<T>
where
    H: Future<Output = bool>,
{
    let lost = async {
        loop {
            tokio::time::sleep(LEASE / 3).await;
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

        assert!(with_lease_renewal(work, renew).await.is_some());
        assert!(held.get() >= 4, "{}", held.get());
    }

    #[tokio::test(start_paused = true)]
    async fn a_run_that_lost_its_account_ends() {
        let ended = with_lease_renewal(std::future::pending::<()>(), || async { false }).await;

        assert!(ended.is_none());
    }
}
