//! Sends what waits in the outbox, beside the jobs.

use crate::context::WorkerSettings;
use std::time::Duration;
use tokio::time::{Instant, sleep, timeout};
use tokio_util::sync::CancellationToken;
use vitrine_base::random;
use vitrine_people::mail::Mailer;

/// How often old emails are forgotten.
const PRUNED_EVERY: Duration = Duration::from_mins(10);
/// How often emails that are kept as files are looked through for those whose tenant or person is gone.
const SWEPT_EVERY: Duration = Duration::from_mins(1);
/// Emails that one statement forgets.
const PRUNED: u64 = 1_000;

/// Looks into the outbox, again and again.
pub(crate) struct MailWorker {
    mailer: Mailer,
    tick: Duration,
    keep: Duration,
    grace: Duration,
    pruned_at: Option<Instant>,
    swept_at: Option<Instant>,
}

impl MailWorker {
    pub(crate) fn new(mailer: Mailer, settings: WorkerSettings) -> Self {
        Self {
            mailer,
            tick: settings.tick,
            keep: settings.keep_history,
            grace: settings.grace,
            pruned_at: None,
            swept_at: None,
        }
    }

    /// Sends until it is asked to stop; trouble is logged and waited out. An email on its way is finished as long
    /// as the grace allows.
    pub(crate) async fn run(mut self, stop: CancellationToken) {
        let mut wait = random::jitter(self.tick, 0.0..1.0);
        while stop.run_until_cancelled(sleep(wait)).await.is_some() {
            let (told, grace, tick) = (stop.clone(), self.grace, self.tick);
            let round = self.round();
            tokio::pin!(round);
            let more = tokio::select! {
                more = &mut round => more,
                () = told.cancelled() => timeout(grace, round).await.unwrap_or(false),
            };
            wait = if more { Duration::ZERO } else { tick };
        }
    }

    async fn round(&mut self) -> bool {
        let sent = match self.mailer.round().await {
            Ok(round) => round.more,
            Err(error) => {
                tracing::warn!(error = %error, "the outbox could not be read");
                false
            }
        };
        if is_over(&mut self.pruned_at, PRUNED_EVERY)
            && let Err(error) = self.mailer.prune(self.keep, PRUNED).await
        {
            tracing::warn!(error = %error, "could not delete old emails");
        }
        if is_over(&mut self.swept_at, SWEPT_EVERY) {
            match self.mailer.delete_orphans().await {
                Ok(0) => {}
                Ok(deleted) => tracing::info!(deleted, "deleted files of emails whose rows are gone"),
                Err(error) => {
                    tracing::warn!(error = %error, "could not look through the files of emails")
                }
            }
        }
        sent
    }
}

/// Whether so much time has passed since it was true last; then it begins anew.
fn is_over(since: &mut Option<Instant>, span: Duration) -> bool {
    let over = since.is_none_or(|at| at.elapsed() >= span);
    if over {
        *since = Some(Instant::now());
    }
    over
}
