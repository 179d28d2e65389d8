//! `SyncMedia`: copies an account's newest posts.

use crate::{
    context::Context,
    run_outcome::{Attempt, RunOutcome},
};
use vitrine_accounts::jobs::AccountJob;

/// Runs one sync. Safe to run twice: a lease on the account lets only one run work.
pub(super) async fn run(order: &AccountJob, context: &Context, attempt: &Attempt) -> RunOutcome {
    match context.syncer.run(order).await {
        Ok(report) => RunOutcome::succeeded(&report, report.is_notable()),
        Err(error) => {
            let ending = attempt.ending(order, "sync_media", &error);
            if ending.gave_up {
                let given_up = context.syncer.give_up(order, error.reason()).await;
                return ending.after(given_up);
            }
            ending
        }
    }
}
