//! A running demo.

use anyhow::{Context, bail};
use std::{
    fs,
    net::TcpListener,
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

const PATIENCE: Duration = Duration::from_secs(30);
const POLL: Duration = Duration::from_millis(5);

/// Two free loopback ports, for the server and for its simulator.
pub(crate) struct Ports {
    listen: String,
    simulator: String,
    metrics: String,
}

impl Ports {
    pub(crate) fn free() -> anyhow::Result<Self> {
        let held = [
            TcpListener::bind("127.0.0.1:0")?,
            TcpListener::bind("127.0.0.1:0")?,
            TcpListener::bind("127.0.0.1:0")?,
        ];
        let [listen, simulator, metrics] = held
            .each_ref()
            .map(|socket| socket.local_addr().map(|at| at.to_string()));
        Ok(Self {
            listen: listen?,
            simulator: simulator?,
            metrics: metrics?,
        })
    }
}

/// `vitrine` without arguments; ended when dropped.
pub(crate) struct Demo {
    child: Child,
    began: Instant,
    output: std::path::PathBuf,
}

impl Demo {
    /// Starts it in a directory of its own.
    pub(crate) fn start(program: &Path, directory: &Path, ports: &Ports) -> anyhow::Result<Self> {
        let output = directory.join("output.txt");
        let file = fs::File::create(&output)?;
        let began = Instant::now();
        let child = Command::new(program)
            .current_dir(directory)
            .env_clear()
            .env("VITRINE_LOG", "error")
            .env("VITRINE_SERVER__LISTEN", &ports.listen)
            .env("VITRINE_SERVER__METRICS_LISTEN", &ports.metrics)
            .env("VITRINE_SIMULATOR__LISTEN", &ports.simulator)
            .stdin(Stdio::null())
            .stdout(file.try_clone()?)
            .stderr(file)
            .spawn()
            .with_context(|| format!("cannot start {}", program.display()))?;
        Ok(Self { child, began, output })
    }

    /// The address of the demo's feed, once it is printed.
    pub(crate) async fn feed(&mut self) -> anyhow::Result<String> {
        loop {
            let printed = fs::read_to_string(&self.output)?;
            if let Some(address) = printed.split('\'').find(|part| part.contains("/photos?key=")) {
                return Ok(address.to_owned());
            }
            self.still_waiting(&printed)?;
            tokio::time::sleep(POLL).await;
        }
    }

    /// Time from the start until the feed has photos.
    pub(crate) async fn first_photos(&mut self, feed: &str) -> anyhow::Result<Duration> {
        let http = reqwest::Client::builder().no_proxy().build()?;
        loop {
            if let Ok(answer) = http.get(feed).send().await
                && answer.status().is_success()
                && has_photos(&answer.bytes().await?)?
            {
                return Ok(self.began.elapsed());
            }
            self.still_waiting("the feed has no photos")?;
            tokio::time::sleep(POLL).await;
        }
    }

    /// Memory that the process holds now, in bytes.
    pub(crate) fn resident(&self) -> anyhow::Result<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status
            .lines()
            .find(|line| line.starts_with("VmRSS:"))
            .context("no VmRSS")?;
        let kibibytes: u64 = line.split_whitespace().nth(1).context("no VmRSS")?.parse()?;
        Ok(kibibytes * 1024)
    }

    /// Processor time used so far, in seconds.
    pub(crate) fn cpu_seconds(&self) -> anyhow::Result<f64> {
        const TICKS_PER_SECOND: f64 = 100.0;
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.child.id()))?;
        let fields: Vec<&str> = stat
            .rsplit(')')
            .next()
            .context("no fields")?
            .split_whitespace()
            .collect();
        let ticks: f64 = fields
            .iter()
            .skip(11)
            .take(2)
            .filter_map(|field| field.parse::<f64>().ok())
            .sum();
        Ok(ticks / TICKS_PER_SECOND)
    }

    /// Asks it to end and waits until it has.
    pub(crate) async fn stop(mut self) -> anyhow::Result<()> {
        Command::new("kill")
            .args(["-TERM", &self.child.id().to_string()])
            .status()?;
        let asked = Instant::now();
        while self.child.try_wait()?.is_none() {
            if asked.elapsed() > PATIENCE {
                bail!("the demo did not end");
            }
            tokio::time::sleep(POLL).await;
        }
        Ok(())
    }

    fn still_waiting(&mut self, why: &str) -> anyhow::Result<()> {
        if let Some(status) = self.child.try_wait()? {
            bail!("the demo ended with {status}: {why}");
        }
        if self.began.elapsed() > PATIENCE {
            bail!("waited too long: {why}");
        }
        Ok(())
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        let _ended_already = self.child.kill();
        let _status = self.child.wait();
    }
}

fn has_photos(body: &[u8]) -> anyhow::Result<bool> {
    let feed: serde_json::Value = serde_json::from_slice(body)?;
    Ok(feed["data"].as_array().is_some_and(|photos| photos.len() >= 12))
}
