//! How a run keeps an account or its token to itself.

use crate::{Reason, RunError};
use chrono::TimeDelta;
use sea_orm::{DbErr, UpdateResult};
use std::{cmp::min, time::Duration};
use vitrine_base::background::leased_work::with_renewal;
use vitrine_entity::{AccountId, Time};

/// How long a run has its account to itself at a time. One that died gives it back so soon.
pub(crate) const LEASE: Duration = Duration::from_secs(90);
/// A turn that the queue will bring again is claimed again by the schedule if that fails for so long.
pub(crate) const BROUGHT_AGAIN: Duration = Duration::from_mins(5);

/// Does the work of a run, and says again and again for as long as it takes that it goes on; it ends when the account
/// was lost meanwhile.
pub(crate) async fn with_lease<T, H>(
    work: impl Future<Output = Result<T, RunError>>,
    renew: impl Fn() -> H,
) -> Result<T, RunError>
where
    H: Future<Output = bool>,
{
    with_renewal(LEASE / 3, work, renew)
        .await
        .unwrap_or(Err(RunError::Stale(Reason::LeaseLost)))
}

/// Whether a run that tried to renew its lease still has its account. Trouble with it costs nothing: the lease runs
/// out, and the run ends in vain.
pub(crate) fn is_still_held(renewed: Result<UpdateResult, DbErr>, account: AccountId) -> bool {
    match renewed {
        Ok(renewed) => renewed.rows_affected > 0,
        Err(error) => {
            tracing::warn!(error = %error, account.id = %account, "could not renew the lease of a running job");
            true
        }
    }
}

/// A run that somebody asked for comes again soon, since the one before it may end at any moment.
pub(crate) fn already_running(held_until: Option<Time>, now: Time) -> RunError {
    RunError::Later {
        until: min(held_until.unwrap_or(now), now + TimeDelta::seconds(5)),
        reason: Reason::AlreadyRunning,
    }
}
