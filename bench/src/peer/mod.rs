//! The queue alone, as a program: `vitrine-bench peer` runs the same measurements as the programs in
//! `bench/peers`, takes the same orders and prints the same answers.

mod drain;
mod latency;

use bytes::Bytes;
use clap::{Args, ValueEnum};
use serde_json::json;
use vitrine_queue::{NewJob, Queue, RedisOptions};

/// As large as the payload of a small real job.
const PAYLOAD: &[u8] = &[b'x'; 40];
/// Jobs run before the clock starts, so that connections, scripts and caches are warm.
const WARM_UP: usize = 2_000;
const BULK: usize = 500;
/// Jobs are shared between so many groups, as those of tenants are.
const GROUPS: usize = 100;
const CLASS: &str = "bench";

/// One measurement of the queue.
#[derive(Args)]
pub(crate) struct PeerArguments {
    /// What to measure.
    mode: Mode,
    /// Address of Redis.
    redis: String,
    /// What its keys begin with.
    prefix: String,
    /// Jobs.
    jobs: usize,
    /// Jobs at once.
    concurrency: usize,
}

/// What can be measured.
#[derive(Clone, Copy, ValueEnum)]
enum Mode {
    /// Seconds until a backlog is worked off
    Drain,
    /// Milliseconds from a push to the start of the job, on an idle worker
    Latency,
    /// Only leaves jobs in Redis
    Push,
}

/// Measures, and prints one line of JSON.
#[expect(
    clippy::print_stdout,
    reason = "the line is for the process that started this one"
)]
pub(crate) async fn run(arguments: &PeerArguments) -> anyhow::Result<()> {
    let (queue, health_check) = Queue::redis(&RedisOptions {
        prefix: arguments.prefix.clone(),
        ..RedisOptions::new(&arguments.redis)
    })?;
    tokio::spawn(health_check);
    let (jobs, concurrency) = (arguments.jobs, arguments.concurrency);
    let answer = match arguments.mode {
        Mode::Drain => {
            drain::seconds(&queue, WARM_UP, concurrency).await?;
            json!({ "seconds": drain::seconds(&queue, jobs, concurrency).await? })
        }
        Mode::Latency => {
            latency::milliseconds(&queue, 100, concurrency).await?;
            json!({ "milliseconds": latency::milliseconds(&queue, jobs, concurrency).await? })
        }
        Mode::Push => {
            push(&queue, jobs).await?;
            json!({})
        }
    };
    println!("{answer}");
    Ok(())
}

async fn push(queue: &Queue, count: usize) -> anyhow::Result<()> {
    let jobs: Vec<NewJob> = (0..count).map(job).collect();
    for some in jobs.chunks(BULK) {
        anyhow::ensure!(
            queue.push(some).await? == some.len(),
            "jobs of another run are there"
        );
    }
    Ok(())
}

fn job(number: usize) -> NewJob {
    NewJob {
        id: number.to_string().into(),
        class: CLASS.into(),
        group: (number % GROUPS).to_string().into(),
        payload: Bytes::from_static(PAYLOAD),
        delay: std::time::Duration::ZERO,
    }
}
