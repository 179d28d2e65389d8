//! How Postgres finds what is due: its own counts of scans, and the plans of one tick.

use super::{ScaleArguments, fill};
use crate::report::{Report, Target};
use sea_orm::ConnectionTrait;
use vitrine_accounts::{Schedule, jobs::JobClass};
use vitrine_base::{clock::TestClock, database::Database};
use vitrine_test_support::PostgresServer;

/// Lets the server write down plans with what they really did; switched on for one tick only.
pub(super) const SETTINGS: &[&str] = &[
    "session_preload_libraries=auto_explain",
    "auto_explain.log_min_duration=-1",
    "auto_explain.log_analyze=on",
    "auto_explain.log_buffers=on",
];

/// Scans of the table `account` since the database was made.
struct Scans {
    sequential: i64,
    by_index: i64,
}

impl Scans {
    /// Reads the server's counts.
    async fn read(database: &Database) -> anyhow::Result<Self> {
        // Counts of a connection become visible when it is idle for a second, or at once when asked.
        database
            .connection()
            .execute_unprepared("select pg_stat_force_next_flush()")
            .await?;
        database
            .connection()
            .execute_unprepared("select pg_stat_clear_snapshot()")
            .await?;
        let sql = "select seq_scan, idx_scan from pg_stat_user_tables where relname = 'account'";
        let row = database
            .connection()
            .query_one_raw(fill::statement(sql, vec![]))
            .await?;
        let row = row.ok_or_else(|| anyhow::anyhow!("no table"))?;
        Ok(Self {
            sequential: row.try_get("", "seq_scan")?,
            by_index: row.try_get("", "idx_scan")?,
        })
    }

    /// Reports what came on top of an earlier reading.
    fn tell_since(&self, before: &Self, report: &mut Report) {
        let sequential = (self.sequential - before.sequential) as f64;
        let by_index = (self.by_index - before.by_index) as f64;
        report.figure(
            "sequential_scans",
            "sequential scans of account in a tick",
            sequential,
            "",
            Target::Under(1.0),
        );
        report.figure(
            "index_scans",
            "index scans of account in a tick",
            by_index,
            "",
            Target::None,
        );
    }
}

/// Runs one more tick and reports the plans of its claims.
pub(super) async fn show(
    server: &PostgresServer,
    database: &Database,
    schedule: &Schedule,
    clock: &TestClock,
    sizes: &ScaleArguments,
    report: &mut Report,
) -> anyhow::Result<()> {
    fill::make_due(database, sizes, clock).await?;
    let earlier = server.log().len();
    database
        .connection()
        .execute_unprepared("set auto_explain.log_min_duration = 0")
        .await?;
    let scans = Scans::read(database).await?;
    let pauses = schedule.due_summary().await?.pauses;
    schedule.claim(JobClass::Sync, sizes.most, pauses).await?;
    Scans::read(database).await?.tell_since(&scans, report);
    database
        .connection()
        .execute_unprepared("set auto_explain.log_min_duration = -1")
        .await?;
    let log = server.log();
    let plans: Vec<&str> = log.get(earlier..).unwrap_or_default().lines().collect();
    report.heading("The plan of one claim");
    report.note("plan", &plans.join("\n  "));
    Ok(())
}
