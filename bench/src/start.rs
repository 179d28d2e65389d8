//! How long a start takes, and what the idle demo holds.

use crate::demo::{Demo, Ports};
use std::{path::Path, time::Duration};

/// The demo rests so long before its memory is read.
const IDLE: Duration = Duration::from_secs(20);

/// Measures and prints.
#[expect(clippy::print_stdout, reason = "the table is what the program is for")]
pub(crate) async fn measure(program: &Path, runs: usize) -> anyhow::Result<()> {
    let directory = tempfile::tempdir()?;
    let ports = Ports::free()?;
    let (first, idle, cpu) = first_start(program, directory.path(), &ports).await?;
    let mut restarts = Vec::with_capacity(runs);
    for _ in 0..runs {
        restarts.push(restart(program, directory.path(), &ports).await?);
    }
    restarts.sort();
    let median = restarts[restarts.len() / 2];
    println!(
        "first start, demo made, to first photos   {:>8.0} ms",
        millis(first)
    );
    println!(
        "start to first photos, median of {runs:<2}       {:>8.0} ms",
        millis(median)
    );
    println!(
        "resident, idle for {} s                   {:>8.1} MiB",
        IDLE.as_secs(),
        idle as f64 / 1_048_576.0
    );
    println!(
        "processor, idle                           {:>8.2} % of a core",
        cpu * 100.0
    );
    let figures = serde_json::json!({
        "first_start_ms": millis(first),
        "start_ms": restarts.iter().copied().map(millis).collect::<Vec<_>>(),
        "start_median_ms": millis(median),
        "idle_resident_bytes": idle,
        "idle_core_share": cpu,
    });
    println!("{figures}");
    Ok(())
}

/// Time to the first photos, memory and share of a core while idle.
async fn first_start(
    program: &Path,
    directory: &Path,
    ports: &Ports,
) -> anyhow::Result<(Duration, u64, f64)> {
    let mut demo = Demo::start(program, directory, ports)?;
    let feed = demo.feed().await?;
    let took = demo.first_photos(&feed).await?;
    let before = demo.cpu_seconds()?;
    tokio::time::sleep(IDLE).await;
    let (resident, after) = (demo.resident()?, demo.cpu_seconds()?);
    demo.stop().await?;
    Ok((took, resident, (after - before) / IDLE.as_secs_f64()))
}

/// Time to the first photos of a demo that was made before.
async fn restart(program: &Path, directory: &Path, ports: &Ports) -> anyhow::Result<Duration> {
    let mut demo = Demo::start(program, directory, ports)?;
    let feed = demo.feed().await?;
    let took = demo.first_photos(&feed).await?;
    demo.stop().await?;
    Ok(took)
}

fn millis(span: Duration) -> f64 {
    span.as_secs_f64() * 1_000.0
}
