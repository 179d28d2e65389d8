//! The queue alone: jobs that do nothing, beside a peer on the same Redis.

use super::peers::Peer;
use crate::{
    report::{Report, Target, median, percentile},
    servers,
};
use anyhow::Context;
use clap::Args;
use redis::AsyncCommands;
use std::path::PathBuf;
use vitrine_test_support::RedisServer;

const CONCURRENCIES: [usize; 3] = [1, 10, 100];
const ROUNDS: usize = 3;

/// How large the measurements of the queue alone are.
#[derive(Args)]
pub(super) struct QueueSizes {
    /// Jobs of a backlog.
    #[arg(long, default_value_t = 60_000)]
    jobs: usize,
    /// Jobs pushed one by one onto an idle worker.
    #[arg(long, default_value_t = 2_000)]
    pushes: usize,
    /// Where the programs of other queues are.
    #[arg(long, default_value = "bench/peers")]
    peers: PathBuf,
}

/// Measures and reports.
pub(super) async fn measure(sizes: &QueueSizes, report: &mut Report) -> anyhow::Result<()> {
    let server = servers::redis().await?;
    let mut peers = vec![Peer::ours()?];
    match Peer::bullmq(&sizes.peers).await {
        Ok(peer) => peers.push(peer),
        Err(error) => report.note("bullmq_left_out", &format!("BullMQ is left out: {error:#}")),
    }
    for concurrency in CONCURRENCIES {
        throughput(&server, &peers, sizes.jobs, concurrency, report).await?;
    }
    for peer in &peers {
        latency(&server, peer, sizes.pushes, report).await?;
        memory(&server, peer, sizes.jobs, report).await?;
    }
    Ok(())
}

/// The peers take turns, so that whatever else the machine does hits them alike.
async fn throughput(
    server: &RedisServer,
    peers: &[Peer],
    jobs: usize,
    concurrency: usize,
    report: &mut Report,
) -> anyhow::Result<()> {
    let mut rates = vec![Vec::new(); peers.len()];
    for round in 0..ROUNDS {
        for (peer, rates) in peers.iter().zip(&mut rates) {
            let prefix = format!("{}-{concurrency}-{round}", peer.name);
            let answer = peer
                .measure("drain", &server.url(), &prefix, jobs, concurrency)
                .await?;
            rates.push(jobs as f64 / answer["seconds"].as_f64().context("no seconds")?);
            flush(server).await?;
        }
    }
    let rates: Vec<f64> = rates.into_iter().map(median).collect();
    for (peer, rate) in peers.iter().zip(&rates) {
        let label = format!("{}, {concurrency} at once", peer.name);
        report.figure(
            &format!("queue_{}_{concurrency}_per_second", peer.name),
            &label,
            *rate,
            "jobs/s",
            Target::None,
        );
    }
    if let [ours, theirs] = rates[..] {
        let label = format!("    ratio, {concurrency} at once");
        report.figure(
            &format!("queue_ratio_{concurrency}"),
            &label,
            ours / theirs,
            "times",
            Target::AtLeast(4.0),
        );
    }
    Ok(())
}

async fn latency(
    server: &RedisServer,
    peer: &Peer,
    pushes: usize,
    report: &mut Report,
) -> anyhow::Result<()> {
    let answer = peer
        .measure("latency", &server.url(), "latency", pushes, 10)
        .await?;
    let waits = answer["milliseconds"].as_array().context("no milliseconds")?;
    let mut waits: Vec<f64> = waits.iter().filter_map(serde_json::Value::as_f64).collect();
    anyhow::ensure!(waits.len() == pushes, "{} of {pushes} waits", waits.len());
    let name = peer.name;
    let target = if name == "vitrine" {
        Target::Under(15.0)
    } else {
        Target::None
    };
    let (half, most) = (percentile(&mut waits, 0.5), percentile(&mut waits, 0.99));
    report.figure(
        &format!("push_to_start_{name}_p50_ms"),
        &format!("{name}, push to start, p50"),
        half,
        "ms",
        Target::None,
    );
    report.figure(
        &format!("push_to_start_{name}_p99_ms"),
        &format!("{name}, push to start, p99"),
        most,
        "ms",
        target,
    );
    flush(server).await
}

/// Bytes that Redis holds for jobs that wait, and for jobs that are done.
async fn memory(server: &RedisServer, peer: &Peer, jobs: usize, report: &mut Report) -> anyhow::Result<()> {
    let name = peer.name;
    // Scripts and keys that stay for ever are there before the measurement begins.
    peer.measure("drain", &server.url(), "memory", 100, 10).await?;
    let empty = used(server).await?;
    peer.measure("push", &server.url(), "memory-pending", jobs, 1)
        .await?;
    let pending = (used(server).await? - empty) / jobs as f64;
    let ours = |target| if name == "vitrine" { target } else { Target::None };
    let label = format!("{name}, Redis memory for a pending job of 40 bytes");
    report.figure(
        &format!("pending_{name}_bytes"),
        &label,
        pending,
        "bytes",
        ours(Target::Under(200.0)),
    );
    flush(server).await?;
    peer.measure("drain", &server.url(), "memory", 100, 10).await?;
    let keys_before = keys(server).await?;
    let empty = used(server).await?;
    peer.measure("drain", &server.url(), "memory", jobs, 10).await?;
    let done = (used(server).await? - empty).max(0.0) / jobs as f64;
    let label = format!("{name}, Redis memory for a finished job");
    report.figure(
        &format!("finished_{name}_bytes"),
        &label,
        done,
        "bytes",
        ours(Target::Under(1.0)),
    );
    report.detail(
        &format!("finished_{name}_keys"),
        (keys(server).await? - keys_before).into(),
    );
    flush(server).await
}

async fn connection(server: &RedisServer) -> anyhow::Result<redis::aio::MultiplexedConnection> {
    let client = redis::Client::open(server.url())?;
    Ok(client.get_multiplexed_async_connection().await?)
}

async fn flush(server: &RedisServer) -> anyhow::Result<()> {
    connection(server).await?.flushall::<()>().await?;
    Ok(())
}

async fn keys(server: &RedisServer) -> anyhow::Result<i64> {
    Ok(redis::cmd("DBSIZE")
        .query_async(&mut connection(server).await?)
        .await?)
}

/// All memory that Redis has in use.
async fn used(server: &RedisServer) -> anyhow::Result<f64> {
    let mut connection = connection(server).await?;
    let told: String = redis::cmd("INFO")
        .arg("memory")
        .query_async(&mut connection)
        .await?;
    let bytes = told.lines().find_map(|line| line.strip_prefix("used_memory:"));
    Ok(bytes.context("Redis does not tell its memory")?.trim().parse()?)
}
