//! Sign-ins at full load, and what they do to readers of a warm feed.

use super::{FeedArguments, installation::Installation};
use crate::report::{Report, Target};
use anyhow::ensure;
use clap::{Args, Parser};
use serde_json::{Value, json};
use std::{
    path::{Path, PathBuf},
    time::{Duration, Instant},
};
use tokio::{
    task::JoinSet,
    time::{MissedTickBehavior, interval},
};
use tokio_util::sync::CancellationToken;

const PASSWORD: &str = "correct horse battery";

/// How much is measured.
#[derive(Args)]
pub(crate) struct SignInArguments {
    /// People who sign in again and again, each with one request at a time.
    #[arg(long, default_value_t = 16)]
    people: usize,
    /// Feed requests in a second, sent on time whatever the answers take.
    #[arg(long, default_value_t = 500)]
    reads_per_second: u32,
    /// Seconds of each measurement.
    #[arg(long, default_value_t = 10)]
    seconds: u64,
    /// Times that everything is measured, in turn.
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// Where the figures are written.
    #[arg(long, default_value = "bench/results/sign-in.json")]
    json: PathBuf,
}

/// The usual installation with one feed.
#[derive(Parser)]
struct OneFeed {
    #[command(flatten)]
    feed: FeedArguments,
}

/// Measures and prints.
pub(crate) async fn measure(program: &Path, arguments: &SignInArguments) -> anyhow::Result<()> {
    let mut report = Report::new();
    let directory = tempfile::Builder::new().prefix("vitrine-sign-in-").tempdir()?;
    let cores = std::thread::available_parallelism()?.get();
    let one = OneFeed::parse_from(["feed", "--feeds", "1", "--rounds", "1"]).feed;
    let installation = Installation::start(program, directory.path(), &one, cores).await?;
    let feed = installation.api.at(&installation.sites[0].path());
    let http = reqwest::Client::builder().no_proxy().build()?;
    register(&http, &installation, arguments.people).await?;
    let span = Duration::from_secs(arguments.seconds);
    report.heading("Sign-ins, and a warm feed beside them");
    report.figure("cores", "cores", cores as f64, "", Target::None);
    let mut found = Vec::new();
    for _ in 0..arguments.rounds {
        let idle = read(&http, &feed, arguments.reads_per_second, span).await?;
        let stop = CancellationToken::new();
        let people = sign_in(&http, &installation, arguments.people, &stop);
        let loaded = read(&http, &feed, arguments.reads_per_second, span).await?;
        stop.cancel();
        let signed_in = people.join_all().await.into_iter().sum::<anyhow::Result<u64>>()?;
        found.push((signed_in as f64 / span.as_secs_f64(), p99(idle), p99(loaded)));
    }
    found.sort_by(|one, other| (one.2 / one.1).total_cmp(&(other.2 / other.1)));
    let (per_second, idle, loaded) = found[found.len() / 2];
    report.figure(
        "sign_ins",
        "sign-ins, Argon2id with 19 MiB",
        per_second,
        "a second",
        Target::AtLeast(20.0),
    );
    report.figure(
        "idle_p99_ms",
        "99 in 100 reads of the feed, no sign-ins",
        idle,
        "ms",
        Target::None,
    );
    report.figure(
        "loaded_p99_ms",
        "the same under full load of sign-ins",
        loaded,
        "ms",
        Target::None,
    );
    report.figure(
        "ratio",
        "times the idle value",
        loaded / idle,
        "",
        Target::AtMost(3.0),
    );
    report.finish(&arguments.json)
}

async fn register(http: &reqwest::Client, installation: &Installation, people: usize) -> anyhow::Result<()> {
    for number in 0..people {
        let body = json!({"email": email(number), "password": PASSWORD, "name": "x", "site_name": "y"});
        let sent = http
            .post(installation.api.at("/v1/auth/register"))
            .json(&body)
            .send()
            .await?;
        sent.error_for_status()?;
    }
    Ok(())
}

fn email(number: usize) -> String {
    format!("person{number}@example.com")
}

/// Each person signs in until asked to stop; gives how often each did.
fn sign_in(
    http: &reqwest::Client,
    installation: &Installation,
    people: usize,
    stop: &CancellationToken,
) -> JoinSet<anyhow::Result<u64>> {
    let mut tasks = JoinSet::new();
    for number in 0..people {
        let (http, stop, url) = (http.clone(), stop.clone(), installation.api.at("/v1/auth/login"));
        let body: Value = json!({"email": email(number), "password": PASSWORD});
        tasks.spawn(async move {
            let mut times = 0;
            while !stop.is_cancelled() {
                let answer = http.post(&url).json(&body).send().await?;
                ensure!(
                    answer.status() == 200,
                    "a sign-in was answered with {}",
                    answer.status()
                );
                times += 1;
            }
            Ok(times)
        });
    }
    tasks
}

/// Reads a feed at a steady pace; gives how long each answer took, counted from when its request was due.
async fn read(
    http: &reqwest::Client,
    url: &str,
    per_second: u32,
    span: Duration,
) -> anyhow::Result<Vec<Duration>> {
    let mut ticks = interval(Duration::from_secs(1) / per_second);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
    let (began, mut answers) = (Instant::now(), JoinSet::new());
    while began.elapsed() < span {
        let due = ticks.tick().await.into_std();
        let request = http.get(url);
        answers.spawn(async move {
            let answer = request.send().await?.error_for_status()?;
            answer.bytes().await?;
            anyhow::Ok(due.elapsed())
        });
    }
    answers.join_all().await.into_iter().collect()
}

fn p99(mut times: Vec<Duration>) -> f64 {
    times.sort_unstable();
    times[times.len() * 99 / 100].as_secs_f64() * 1_000.0
}
