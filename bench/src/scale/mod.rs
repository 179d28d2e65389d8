//! The schedule of a million accounts: how long a tick takes, and how Postgres finds what is due.

mod fill;
mod plan;
mod ticks;

use crate::{
    report::{Report, Target, percentile, say},
    servers,
};
use clap::Args;
use std::{
    path::PathBuf,
    sync::Arc,
    time::{Duration, Instant},
};
use vitrine_accounts::{Cadence, Schedule};
use vitrine_base::{
    clock::TestClock,
    database::{Database, DatabaseSettings},
};

/// What `scale` measures.
#[derive(Args)]
pub(crate) struct ScaleArguments {
    /// Connected accounts.
    #[arg(long, default_value_t = 1_000_000)]
    accounts: u64,
    /// Tenants that share them.
    #[arg(long, default_value_t = 10_000)]
    tenants: u64,
    /// Accounts that are due at each tick.
    #[arg(long, default_value_t = 1_000)]
    due: u64,
    /// Syncs that one tick claims at most.
    #[arg(long, default_value_t = 1_000)]
    most: u32,
    /// Measured ticks.
    #[arg(long, default_value_t = 200)]
    ticks: usize,
    /// Where the figures are written.
    #[arg(long, default_value = "bench/results/scale.json")]
    json: PathBuf,
}

/// Measures and prints.
pub(crate) async fn measure(arguments: &ScaleArguments) -> anyhow::Result<()> {
    let mut report = Report::new();
    report.heading("The machine");
    report.note("servers", &servers::words(plan::SETTINGS));
    let postgres = servers::postgres(plan::SETTINGS).await?;
    let database = Database::connect(&DatabaseSettings {
        url: postgres.create_database().await?.into(),
        max_connections: 1,
        pooler: vitrine_base::database::Pooler::None,
    })
    .await?;
    vitrine_migration::migrate(database.driver()).await?;
    let clock = TestClock::new();
    report.heading("The database");
    say("filling it");
    let began = Instant::now();
    fill::fill(&database, arguments, &clock).await?;
    let filled = began.elapsed().as_secs_f64();
    report.figure(
        "accounts",
        "accounts",
        arguments.accounts as f64,
        "",
        Target::None,
    );
    report.figure("fill_seconds", "filled in", filled, "s", Target::None);
    let mebibytes = fill::bytes(&database).await? / 1_048_576.0;
    report.figure("database_mib", "size on disk", mebibytes, "MiB", Target::None);
    report.heading("Ticks");
    let cadence = Cadence {
        sync_every: Duration::from_hours(3),
        refresh_every: Duration::from_hours(7 * 24),
        refresh_min_age: Duration::from_hours(25),
    };
    let schedule = Schedule::new(database.clone(), Arc::new(clock.clone()), cadence);
    let measured = ticks::run(&database, &schedule, &clock, arguments).await?;
    tell(measured, &mut report);
    plan::show(&postgres, &database, &schedule, &clock, arguments, &mut report).await?;
    report.finish(&arguments.json)
}

fn tell(measured: ticks::Measured, report: &mut Report) {
    let parts = [
        ("claim", "claiming syncs", measured.syncs),
        ("tick", "a whole tick: urgent work, then syncs", measured.whole),
    ];
    for (key, label, spans) in parts {
        let mut spans: Vec<f64> = spans
            .iter()
            .map(|span: &Duration| span.as_secs_f64() * 1_000.0)
            .collect();
        let (half, most) = (percentile(&mut spans, 0.5), percentile(&mut spans, 0.99));
        report.figure(
            &format!("{key}_p50_ms"),
            &format!("{label}, p50"),
            half,
            "ms",
            Target::None,
        );
        report.figure(
            &format!("{key}_p99_ms"),
            &format!("{label}, p99"),
            most,
            "ms",
            Target::Under(25.0),
        );
        let longest = spans.last().copied().unwrap_or_default();
        report.figure(
            &format!("{key}_longest_ms"),
            &format!("{label}, longest"),
            longest,
            "ms",
            Target::None,
        );
    }
}
