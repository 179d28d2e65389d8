//! What is due, and when it is due next.
//!
//! The database knows what is due; a tick claims it, and the queue carries it. Every process may
//! tick: a claim is one statement that gives a row to one of them. A claim that nobody honours
//! ends by itself, and the row is claimed again.

mod account_counts;
mod cadence;
mod due_counts;
mod due_rows;
mod due_summary;
mod pauses;
mod repair;
#[cfg(test)]
pub(crate) mod tests;

pub use account_counts::{AccountCounts, TOKEN_GROUPS};
pub use cadence::Cadence;
pub(crate) use cadence::{spread, spread_after};
pub use due_counts::Due;
pub use due_summary::DueSummary;
pub use pauses::{PauseError, PauseList, PauseScope, PauseState, Pauses};
pub use repair::{Repaired, Waiting};

use crate::jobs::{AccountJob, Job, JobClass, QueuedJob};
use chrono::TimeDelta;
use due_rows::REQUESTED;
pub(crate) use due_rows::{REFRESHES, SYNCS};
use sea_orm::{ConnectionTrait, DatabaseBackend, DbErr, EntityTrait, Statement, Value};
use std::time::Duration;
use vitrine_base::{
    background::leased_work::{Claimed, FairClaim, Lease, LeasedRows},
    clock::{Clock, SharedClock, SystemClock, later},
    database::{Database, SafeTime},
};
use vitrine_entity::{AccountId, Time};

/// How long a claim holds before the row counts as forgotten.
const CLAIM: Duration = Duration::from_mins(5);
/// How far the turns of a paused tenant are put off at a time, a shorter cadence permitting.
const PUT_OFF: Duration = Duration::from_hours(1);
/// Due rows that a search for paused tenants reads at most.
const LOOKED_AT: u32 = 12_000;
/// Turns of paused tenants that are put off at a time.
const PUT_OFF_BATCH: u32 = 2_000;

/// Finds what is due.
#[derive(Clone)]
pub struct Schedule {
    database: Database,
    clock: SharedClock,
    cadence: Cadence,
}

impl Schedule {
    /// The schedule in a database.
    #[must_use]
    pub fn new(database: Database, clock: SharedClock, cadence: Cadence) -> Self {
        Self {
            database,
            clock,
            cadence,
        }
    }

    /// Claims at most `most` due rows of a class, the first of every tenant before the second of any. Push
    /// what it gives; what gets lost on the way is claimed again later. Several claims at once give each row
    /// to one of them. Nothing is claimed while everything is paused, and no syncs of paused tenants.
    ///
    /// # Errors
    /// When the database fails; some rows may have been claimed, and come back.
    pub async fn claim(
        &self,
        class: JobClass,
        most: u32,
        pauses: PauseState,
    ) -> Result<Vec<QueuedJob>, DbErr> {
        if pauses.everything || most == 0 {
            return Ok(Vec::new());
        }
        let (turns, job): (_, fn(AccountJob) -> Job) = match class {
            JobClass::Interactive => return self.claim_requested(most).await,
            JobClass::Refresh => (
                self.claim_turns(&REFRESHES, most, false).await?,
                Job::RefreshToken,
            ),
            JobClass::Sync => {
                let without_paused = pauses.some_tenants;
                (
                    self.claim_turns(&SYNCS, most, without_paused).await?,
                    Job::SyncMedia,
                )
            }
        };
        let turns = turns.into_iter().map(|turn| QueuedJob {
            class,
            job: job(turn),
        });
        Ok(turns.collect())
    }

    async fn claim_turns<E: EntityTrait>(
        &self,
        rows: &LeasedRows<E>,
        most: u32,
        without_paused: bool,
    ) -> Result<Vec<AccountJob>, DbErr> {
        let now = self.clock.now();
        let claim = FairClaim {
            now,
            until: later(now, CLAIM),
            most,
            without_paused,
        };
        let claimed = rows.claim_fairly(&self.database, claim).await?;
        Ok(claimed.into_iter().map(turn).collect())
    }

    /// Jobs that somebody asked for and that were put off, or lost on the way.
    async fn claim_requested(&self, most: u32) -> Result<Vec<QueuedJob>, DbErr> {
        let (now, connection) = (self.clock.now(), self.database.connection());
        let (due, lease) = (REQUESTED.due(now), Lease::begin(now, CLAIM));
        let claimed = REQUESTED
            .claim(due, u64::from(most), lease, connection)
            .exec_with_returning(connection)
            .await?;
        Ok(claimed.iter().map(QueuedJob::requested).collect())
    }

    /// Puts off the due syncs of paused tenants, so that claims do not step over them again and again. Gives
    /// whether there may be more.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn put_off_paused(&self) -> Result<bool, DbErr> {
        let now = self.clock.now();
        let connection = self.database.connection();
        let lock = match connection.get_database_backend() {
            DatabaseBackend::Postgres => "for update skip locked",
            _ => "",
        };
        let sql = format!(
            "update account set next_sync_at = $2 where id in (
                select id from account where next_sync_at <= $1
                    and (sync_lease_until is null or sync_lease_until <= $1)
                    and id in (
                        select id from (
                            select id, tenant_id from account
                            where next_sync_at <= $1 order by next_sync_at limit {LOOKED_AT}
                        ) as due
                        where tenant_id in (select id from tenant where paused_at is not null)
                        limit {PUT_OFF_BATCH}
                    ) {lock}
            )"
        );
        let to = spread(now, PUT_OFF.min(self.cadence.sync_every));
        let values: [Value; 2] = [now.into(), to.into()];
        let statement = Statement::from_sql_and_values(connection.get_database_backend(), sql, values);
        let put_off = connection.execute_raw(statement).await?.rows_affected();
        Ok(put_off >= u64::from(PUT_OFF_BATCH))
    }

    /// Pulls back due times and leases that are further ahead than any cadence allows, which a clock that
    /// jumped leaves behind, and says in log and metrics how many. Safe from several processes at once; ask
    /// again while the answer is full.
    ///
    /// # Errors
    /// When the database fails; some rows may have been pulled back.
    pub async fn repair_times(&self) -> Result<Repaired, DbErr> {
        let start = SafeTime::new(self.database.clone(), self.clock.clone())
            .start()
            .await?;
        repair::run(&self.database, (self.clock.now(), start), self.cadence).await
    }

    /// How far the database's clock is ahead of this machine's; nothing on SQLite, which has none. No rule
    /// depends on it: every time that is written or compared is ours.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn database_ahead(&self) -> Result<Option<TimeDelta>, DbErr> {
        let connection = self.database.connection();
        let backend = connection.get_database_backend();
        if backend != DatabaseBackend::Postgres {
            return Ok(None);
        }
        let before = SystemClock.now();
        let statement = Statement::from_string(backend, "select clock_timestamp() as there");
        let row = connection.query_one_raw(statement).await?;
        let after = SystemClock.now();
        let there: Option<Time> = row.map(|row| row.try_get("", "there")).transpose()?;
        Ok(there.map(|there| there - (before + (after - before) / 2)))
    }
}

fn turn(row: Claimed<AccountId>) -> AccountJob {
    AccountJob {
        tenant: row.tenant,
        account: row.key,
        due_at: Some(row.due_at),
        job: None,
    }
}
