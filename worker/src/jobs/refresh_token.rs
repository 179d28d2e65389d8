//! `RefreshToken`: renews an account's token.

use crate::{
    context::Context,
    run_outcome::{Attempt, RunOutcome},
};
use vitrine_accounts::jobs::AccountJob;

/// Runs one refresh. Safe to run twice: a lease on the token lets only one run work.
pub(super) async fn run(order: &AccountJob, context: &Context, attempt: &Attempt) -> RunOutcome {
    match context.refresher.run(order).await {
        Ok(report) => RunOutcome::succeeded(&report, true),
        Err(error) => {
            let ending = attempt.ending(order, "refresh_token", &error);
            if ending.gave_up {
                let given_up = context.refresher.give_up(order, error.reason()).await;
                return ending.after(given_up);
            }
            ending
        }
    }
}
