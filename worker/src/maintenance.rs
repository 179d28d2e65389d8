//! What is looked after now and then, by every worker: each look is bounded, and safe at the same time from
//! several.

use crate::context::{Context, WorkerSettings};
use sea_orm::{ActiveEnum, DbErr, Iterable};
use std::time::Duration;
use tokio_util::sync::CancellationToken;
use vitrine_accounts::{TOKEN_GROUPS, jobs::JobClass};
use vitrine_base::{clock::later, random};
use vitrine_entity::{Time, account::AccountStatus};

/// Time between two rounds; each is earlier by up to a quarter, so that workers drift apart.
const EVERY: Duration = Duration::from_mins(1);
/// Rounds between two counts of all accounts and tokens, which read both tables as a whole.
const CENSUS_EACH: u32 = 5;
/// How often the clock is looked at meanwhile.
const CLOCK_CHECK_INTERVAL: Duration = Duration::from_secs(1);
/// A clock that went back by more than this was wrong before.
const WENT_BACK: Duration = Duration::from_secs(30);
/// Looks for impossible times, and deletions from the history, in one round.
const ROUNDS: u32 = 20;
/// Rows of the history that one statement deletes.
const PRUNED: u64 = 1_000;
/// Due rows that are counted; more are as many.
const COUNTED: u32 = 100_000;
/// A database whose clock differs by more is worth a word.
const SKEW: f64 = 5.0;

/// Looks after times, history and gauges.
pub(crate) struct Maintenance {
    context: Context,
    settings: WorkerSettings,
    latest: Time,
    rounds: u32,
}

impl Maintenance {
    pub(crate) fn new(context: Context, settings: WorkerSettings) -> Self {
        let latest = context.clock.now();
        Self {
            context,
            settings,
            latest,
            rounds: 0,
        }
    }

    /// Goes round until it is asked to stop; trouble is logged and waited out.
    pub(crate) async fn run(mut self, stop: CancellationToken) {
        let mut wait = random::jitter(EVERY, 0.0..0.1);
        while stop.run_until_cancelled(self.rest(wait)).await.is_some() {
            if let Err(error) = self.round().await {
                tracing::warn!(error = %error, "maintenance of the schedule failed");
            }
            if self.rounds.is_multiple_of(CENSUS_EACH)
                && let Err(error) = self.account_counts().await
            {
                tracing::warn!(error = %error, "accounts and tokens could not be counted");
            }
            self.rounds = self.rounds.wrapping_add(1);
            wait = random::jitter(EVERY, 0.75..1.0);
        }
    }

    /// Ends early when the clock was put back, since what was written before is then wrong.
    async fn rest(&mut self, wait: Duration) {
        let mut left = wait;
        while !left.is_zero() && !self.went_back() {
            let glance = left.min(CLOCK_CHECK_INTERVAL);
            tokio::time::sleep(glance).await;
            left -= glance;
        }
    }

    fn went_back(&mut self) -> bool {
        let now = self.context.clock.now();
        let back = later(now, WENT_BACK) < self.latest;
        if back {
            tracing::warn!(from = %self.latest, to = %now, "the clock went back");
            self.latest = now;
        }
        self.latest = self.latest.max(now);
        back
    }

    async fn round(&self) -> Result<(), DbErr> {
        self.context.incidents.resume_rollback().await?;
        self.reseal().await?;
        self.repair().await?;
        self.compare_clocks().await?;
        self.count().await?;
        self.prune().await
    }

    /// Goes on with a rotation of the master key that nobody saw to its end.
    async fn reseal(&self) -> Result<(), DbErr> {
        if self.context.resealer.is_needed() {
            let done = self.context.resealer.run(drop).await?;
            if done.resealed > 0 {
                tracing::info!(
                    secrets = done.resealed,
                    "secrets were sealed again under the new key"
                );
            }
        }
        Ok(())
    }

    async fn repair(&self) -> Result<(), DbErr> {
        for _ in 0..ROUNDS {
            if !self.context.schedule.repair_times().await?.is_full() {
                break;
            }
        }
        Ok(())
    }

    async fn compare_clocks(&self) -> Result<(), DbErr> {
        let Some(ahead) = self.context.schedule.database_ahead().await? else {
            return Ok(());
        };
        let seconds = ahead.as_seconds_f64();
        metrics::gauge!("vitrine_database_clock_ahead_seconds").set(seconds);
        if seconds.abs() > SKEW {
            tracing::warn!(
                database.ahead_seconds = seconds,
                "the database's clock differs from this machine's; deletions that cannot be taken back wait for the slower one"
            );
        }
        Ok(())
    }

    async fn count(&self) -> Result<(), DbErr> {
        let pauses = self.context.schedule.due_summary().await?.pauses;
        metrics::gauge!("vitrine_schedule_paused").set(f64::from(u8::from(pauses.everything)));
        let now = self.context.clock.now();
        for due in self.context.schedule.due(COUNTED).await? {
            let late = due.oldest.map_or(0.0, |oldest| (now - oldest).as_seconds_f64());
            let class = JobClass::as_str(due.class);
            metrics::gauge!("vitrine_schedule_due_rows", "class" => class).set(whole(due.rows));
            metrics::gauge!("vitrine_schedule_oldest_due_seconds", "class" => class).set(late);
        }
        Ok(())
    }

    async fn account_counts(&self) -> Result<(), DbErr> {
        let account_counts = self.context.schedule.account_counts().await?;
        for status in AccountStatus::iter() {
            let found = account_counts.accounts.iter().find(|(found, _)| *found == status);
            let accounts = found.map_or(0, |(_, accounts)| *accounts);
            metrics::gauge!("vitrine_accounts", "status" => status.to_value()).set(whole(accounts));
        }
        for (group, tokens) in TOKEN_GROUPS.into_iter().zip(account_counts.tokens) {
            metrics::gauge!("vitrine_tokens", "days_left" => group).set(whole(tokens));
        }
        Ok(())
    }

    async fn prune(&self) -> Result<(), DbErr> {
        let (context, settings) = (&self.context, &self.settings);
        in_rounds(|| context.history.prune(settings.keep_history, PRUNED)).await?;
        in_rounds(|| context.audit_log.prune(settings.keep_audit_log, PRUNED)).await?;
        in_rounds(|| context.idempotency.prune(PRUNED)).await?;
        in_rounds(|| context.ended_sessions.prune(PRUNED)).await?;
        in_rounds(|| context.retention.prune(PRUNED)).await?;
        in_rounds(|| context.tenant_tasks.prune(PRUNED)).await
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "exact up to far more rows than any table has"
)]
fn whole(rows: u64) -> f64 {
    rows as f64
}

/// Deletes until a batch is not full, in bounded time.
async fn in_rounds<F: Future<Output = Result<u64, DbErr>>>(
    mut prune: impl FnMut() -> F,
) -> Result<(), DbErr> {
    for _ in 0..ROUNDS {
        if prune().await? < PRUNED {
            break;
        }
    }
    Ok(())
}
