//! The worker side: whole syncs, and the queue alone beside its peers.

pub(crate) mod fill;
mod installation;
mod peers;
mod queue_alone;
pub(crate) mod simulated;
mod syncs;

use crate::{report::Report, servers};
use clap::{Args, ValueEnum};
use std::path::{Path, PathBuf};

/// What `worker` measures.
#[derive(Args)]
pub(crate) struct WorkerArguments {
    #[command(flatten)]
    queue: queue_alone::QueueSizes,
    #[command(flatten)]
    syncs: SyncSizes,
    /// Measure this part only.
    #[arg(long, value_enum)]
    only: Option<Part>,
    /// Where the figures are written.
    #[arg(long, default_value = "bench/results/worker.json")]
    json: PathBuf,
}

/// A part of the measurements.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Part {
    /// The queue alone
    Queue,
    /// Whole syncs and the worker's memory
    Syncs,
}

/// How large the whole syncs are.
#[derive(Args)]
pub(crate) struct SyncSizes {
    /// Connected accounts.
    #[arg(long, default_value_t = 20_000)]
    accounts: usize,
    /// Tenants that share them.
    #[arg(long, default_value_t = 200)]
    tenants: usize,
    /// Posts of each account.
    #[arg(long, default_value_t = 25)]
    media: u32,
    /// Worker processes.
    #[arg(long, default_value_t = 1)]
    workers: usize,
    /// Syncs at once in each of them.
    #[arg(long, default_value_t = 100)]
    concurrency: usize,
    /// Database connections of each of them.
    #[arg(long, default_value_t = 16)]
    connections: u32,
    /// How often each looks for what is due.
    #[arg(long, default_value = "100ms")]
    tick: String,
    /// Times that each kind of sync is measured.
    #[arg(long, default_value_t = 2)]
    rounds: usize,
}

/// Measures and prints.
pub(crate) async fn measure(program: &Path, arguments: &WorkerArguments) -> anyhow::Result<()> {
    let mut report = Report::new();
    report.heading("The machine");
    report.detail("cores", std::thread::available_parallelism()?.get().into());
    report.note("servers", &servers::words(&[]));
    let wanted = |part| arguments.only.is_none_or(|only| only == part);
    if wanted(Part::Queue) {
        report.heading("The queue alone, jobs that do nothing: medians of three rounds in turn");
        queue_alone::measure(&arguments.queue, &mut report).await?;
    }
    if wanted(Part::Syncs) {
        report.heading("Whole syncs");
        syncs::measure(program, &arguments.syncs, &mut report).await?;
    }
    report.finish(&arguments.json)
}
