//! Whole syncs: how many a second, and who spends the processor on them.

use super::{SyncSizes, installation::Installation};
use crate::{
    processes,
    report::{Report, Target, say},
};
use sea_orm::{ColumnTrait, ExprTrait, PaginatorTrait, QueryFilter, QuerySelect, sea_query::Expr};
use std::{
    path::Path,
    time::{Duration, Instant},
};
use vitrine_base::clock::{Clock, SystemClock};
use vitrine_entity::{TenantOwned, Time, account, media};

const POLL: Duration = Duration::from_millis(100);
/// Nothing is measured that is slower than this for each account.
const PATIENCE_EACH: Duration = Duration::from_millis(50);
const IDLE: Duration = Duration::from_secs(20);

/// Measures and reports.
pub(super) async fn measure(program: &Path, sizes: &SyncSizes, report: &mut Report) -> anyhow::Result<()> {
    say(&format!("filling the database with {} accounts", sizes.accounts));
    let mut installation = Installation::start(sizes).await?;
    for _ in 0..sizes.workers {
        installation.start_worker(program)?;
    }
    say("syncing every account for the first time");
    let first = all_synced(&mut installation, sizes).await?;
    report.figure(
        "sync_first_per_second",
        "first syncs, 25 posts stored each",
        first.rate,
        "/s",
        Target::None,
    );
    for round in 0..sizes.rounds {
        make_due(&installation).await?;
        let run = all_synced(&mut installation, sizes).await?;
        tell(
            report,
            &format!("sync_unchanged_{round}"),
            "unchanged accounts",
            &run,
            Target::AtLeast(1_000.0),
        );
    }
    memory(&installation, report)?;
    for round in 0..sizes.rounds {
        installation.simulated.post().await?;
        make_due(&installation).await?;
        let run = all_synced(&mut installation, sizes).await?;
        tell(
            report,
            &format!("sync_one_new_post_{round}"),
            "accounts with one new post",
            &run,
            Target::AtLeast(300.0),
        );
    }
    let expected = sizes.accounts * (sizes.media as usize + sizes.rounds);
    let stored = media::Entity::across_tenants()
        .count(installation.database.connection())
        .await?;
    anyhow::ensure!(
        stored as usize == expected,
        "{stored} posts are stored, not {expected}"
    );
    idle(&installation, report).await?;
    let log = installation.log();
    if !log.is_empty() {
        say(&format!(
            "the workers wrote:\n{}",
            log.chars().take(2_000).collect::<String>()
        ));
    }
    installation.stop_workers().await
}

/// One measured run over all accounts.
struct Run {
    rate: f64,
    seconds: f64,
    /// Processor seconds by program.
    cpu: std::collections::BTreeMap<String, f64>,
}

async fn make_due(installation: &Installation) -> anyhow::Result<()> {
    account::Entity::update_across_tenants()
        .col_expr(account::Column::NextSyncAt, Expr::value(SystemClock.now()))
        .exec(installation.database.connection())
        .await?;
    Ok(())
}

/// Waits until every account that is due has been synced.
async fn all_synced(installation: &mut Installation, sizes: &SyncSizes) -> anyhow::Result<Run> {
    let (began, at) = (Instant::now(), SystemClock.now());
    let before = processes::cpu_by_program()?;
    while anything_due(installation, at).await? {
        installation.still_works()?;
        anyhow::ensure!(
            began.elapsed() < PATIENCE_EACH * u32::try_from(sizes.accounts)? + Duration::from_secs(30),
            "the syncs do not end:\n{}",
            installation.log()
        );
        tokio::time::sleep(POLL).await;
    }
    let seconds = began.elapsed().as_secs_f64();
    let cpu = processes::difference(&before, &processes::cpu_by_program()?);
    none_failed(installation, at, sizes.accounts).await?;
    Ok(Run {
        rate: sizes.accounts as f64 / seconds,
        seconds,
        cpu,
    })
}

async fn anything_due(installation: &Installation, at: Time) -> anyhow::Result<bool> {
    let due = account::Entity::across_tenants()
        .filter(account::Column::NextSyncAt.lte(at))
        .limit(1)
        .one(installation.database.connection())
        .await?;
    Ok(due.is_some())
}

/// A rate counts only when every sync succeeded.
async fn none_failed(installation: &Installation, since: Time, accounts: usize) -> anyhow::Result<()> {
    let good = account::Entity::across_tenants()
        .filter(account::Column::SyncError.is_null())
        .filter(account::Column::SyncedAt.gte(since - chrono::TimeDelta::seconds(5)))
        .filter(Expr::col(account::Column::SyncFailures).eq(0))
        .count(installation.database.connection())
        .await?;
    anyhow::ensure!(
        good as usize == accounts,
        "only {good} of {accounts} accounts were synced well"
    );
    Ok(())
}

fn tell(report: &mut Report, key: &str, label: &str, run: &Run, target: Target) {
    report.figure(&format!("{key}_per_second"), label, run.rate, "/s", target);
    let total: f64 = run.cpu.values().sum();
    for (program, seconds) in run.cpu.iter().filter(|(_, seconds)| **seconds > 0.0) {
        let who = who(program);
        let label = format!("    {who}: {:.1} s of processor, share", seconds);
        report.figure(
            &format!("{key}_cpu_share_{who}"),
            &label,
            100.0 * seconds / total,
            "%",
            Target::None,
        );
    }
    report.figure(
        &format!("{key}_cores"),
        &format!("    all together in {:.1} s", run.seconds),
        total / run.seconds,
        "cores",
        Target::None,
    );
}

/// Who a program is in this measurement.
fn who(program: &str) -> &str {
    match program {
        "vitrine" => "worker",
        "vitrine-bench" => "simulator",
        "redis-server" => "redis",
        other => other,
    }
}

fn memory(installation: &Installation, report: &mut Report) -> anyhow::Result<()> {
    for id in installation.workers() {
        let (now, most) = processes::resident_of(id)?;
        let mebibytes = |bytes: u64| bytes as f64 / 1_048_576.0;
        report.figure(
            "worker_resident_mib",
            "worker's memory after the load",
            mebibytes(now),
            "MiB",
            Target::None,
        );
        report.figure(
            "worker_peak_mib",
            "worker's memory at its peak",
            mebibytes(most),
            "MiB",
            Target::Under(100.0),
        );
    }
    Ok(())
}

async fn idle(installation: &Installation, report: &mut Report) -> anyhow::Result<()> {
    let workers = installation.workers();
    let used = || {
        workers
            .iter()
            .map(|id| processes::cpu_of(*id))
            .sum::<anyhow::Result<f64>>()
    };
    tokio::time::sleep(Duration::from_secs(2)).await;
    let before = used()?;
    tokio::time::sleep(IDLE).await;
    let share = 100.0 * (used()? - before) / IDLE.as_secs_f64() / workers.len() as f64;
    report.figure(
        "worker_idle_core_percent",
        "an idle worker",
        share,
        "% of a core",
        Target::Under(1.0),
    );
    Ok(())
}
