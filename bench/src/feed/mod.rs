//! Feeds as visitors read them, beside a bare handler, nginx and a server written by hand.

mod child;
mod cold;
mod installation;
mod load;
pub(crate) mod rivals;
mod rounds;
pub(crate) mod sign_in;
mod table;

use crate::{
    processes::resident_of,
    report::{Report, Target, say},
    servers,
};
use anyhow::ensure;
use clap::Args;
use installation::{Installation, statements::Watch};
use load::answers::{Answer, read_all};
use rivals::Rivals;
use std::{path::Path, path::PathBuf, time::Instant};

/// Mebibytes that the default number of feeds may take.
const WARM: Target = Target::AtMost(400.0);

/// What `feed` measures.
#[derive(Args)]
pub(crate) struct FeedArguments {
    /// Feeds, each with a tenant and a key of its own.
    #[arg(long, default_value_t = 10_000)]
    feeds: u64,
    /// Photos of each, up to 25 of which are on a page.
    #[arg(long, default_value_t = 25)]
    photos: u64,
    /// Readers of a cold feed at the same moment.
    #[arg(long, default_value_t = 1_000)]
    readers: usize,
    /// Times that everything is measured, in turn.
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    #[command(flatten)]
    load: load::LoadSizes,
    /// A setting of the measured program, as `VITRINE_SECTION__KEY=value`.
    #[arg(long = "setting", value_parser = setting)]
    settings: Vec<(String, String)>,
    /// Where the server written by hand is.
    #[arg(long, default_value = "bench/peers")]
    peers: PathBuf,
    /// Where the figures are written.
    #[arg(long, default_value = "bench/results/feed.json")]
    json: PathBuf,
}

fn setting(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("must be NAME=value")?;
    Ok((name.to_owned(), value.to_owned()))
}

/// Measures and prints.
pub(crate) async fn measure(program: &Path, arguments: &FeedArguments) -> anyhow::Result<()> {
    let mut report = Report::new();
    let directory = tempfile::Builder::new().prefix("vitrine-feed-").tempdir()?;
    report.heading("The machine");
    let workers = std::thread::available_parallelism()?.get();
    report.figure(
        "cores",
        "cores, and threads of each server",
        workers as f64,
        "",
        Target::None,
    );
    report.note("servers", &servers::words(installation::statements::SETTINGS));
    say("  filling the database");
    let installation = Installation::start(program, directory.path(), arguments, workers).await?;
    memory(&installation, &mut report).await?;
    let page = Answer::read(&installation.api.at(&installation.sites[0].path()), &[]).await?;
    let packed = Answer::read(
        &installation.api.at(&installation.sites[0].path()),
        &[rounds::BROTLI],
    )
    .await?;
    ensure!(packed.encoding == "br", "the answer is not packed with Brotli");
    report.heading("The answer");
    report.figure(
        "body_bytes",
        "a page",
        page.body.len() as f64,
        "bytes",
        Target::None,
    );
    report.figure(
        "packed_bytes",
        "a page packed with Brotli",
        packed.body.len() as f64,
        "bytes",
        Target::None,
    );
    report.note("content_type", &page.content_type);
    let rivals = Rivals::start(
        directory.path(),
        &installation,
        (&page, &packed),
        arguments,
        workers,
        &mut report,
    )
    .await?;
    let measured = rounds::run(&installation, &rivals, &page, arguments).await?;
    table::tell(&measured, &mut report);
    let (now, peak) = resident_of(installation.api.id())?;
    report.heading("Memory of the api process after the load");
    resident(&mut report, "loaded", "then", now, Target::None);
    resident(&mut report, "peak", "the most it ever held", peak, Target::None);
    let log = installation.api.log();
    if !log.is_empty() {
        report.note("log", &format!("the api process wrote: {log}"));
    }
    report.finish(&arguments.json)
}

/// Memory before and after every feed was read, as browsers read it and then plain, and how many were loaded anew when
/// all were read again.
async fn memory(installation: &Installation, report: &mut Report) -> anyhow::Result<()> {
    report.heading("Memory of the api process");
    resident(
        report,
        "idle",
        "idle",
        resident_of(installation.api.id())?.0,
        Target::None,
    );
    let count = installation.sites.len();
    let began = Instant::now();
    let packed = read_all(&installation.api, &installation.sites, "br").await?;
    let took = began.elapsed().as_secs_f64();
    resident(
        report,
        "warm",
        &format!("{count} feeds read in Brotli"),
        resident_of(installation.api.id())?.0,
        WARM,
    );
    report.figure(
        "packed_mib",
        "bodies of these feeds",
        packed as f64 / 1_048_576.0,
        "MiB",
        Target::None,
    );
    report.figure(
        "first_read_per_second",
        "read for the first time",
        count as f64 / took,
        "req/s",
        Target::None,
    );
    let watch = Watch::begin(installation.database.driver()).await?;
    let began = Instant::now();
    let bytes = read_all(&installation.api, &installation.sites, "identity").await?;
    report.figure(
        "plain_mib",
        "the same plain",
        bytes as f64 / 1_048_576.0,
        "MiB",
        Target::None,
    );
    report.figure(
        "plain_per_second",
        "plain for the first time",
        count as f64 / began.elapsed().as_secs_f64(),
        "req/s",
        Target::None,
    );
    resident(
        report,
        "plain",
        "all read plain too",
        resident_of(installation.api.id())?.0,
        Target::None,
    );
    read_all(&installation.api, &installation.sites, "identity").await?;
    let asked = watch.end().await?;
    resident(
        report,
        "plain_again",
        "and once more",
        resident_of(installation.api.id())?.0,
        Target::None,
    );
    report.figure(
        "rendered_again",
        "feeds loaded anew when all are read again",
        asked.reads_of_posts,
        "",
        Target::None,
    );
    Ok(())
}

fn resident(report: &mut Report, key: &str, label: &str, bytes: u64, target: Target) {
    let mebibytes = bytes as f64 / 1_048_576.0;
    report.figure(
        &format!("resident_{key}_mib"),
        &format!("resident, {label}"),
        mebibytes,
        "MiB",
        target,
    );
}
