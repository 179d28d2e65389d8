//! The load generator, and what it says.

pub(super) mod answers;
pub(super) mod spread;

use anyhow::{Context, ensure};
use clap::Args;
use std::path::Path;
use tokio::process::Command;

/// How much load there is.
#[derive(Args, Clone)]
pub(super) struct LoadSizes {
    /// Seconds of each measurement.
    #[arg(long, default_value_t = 8)]
    seconds: u64,
    /// Connections that ask at the same time, each kept alive.
    #[arg(long, default_value_t = 64)]
    connections: usize,
}

/// What one measurement found.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Load {
    /// Answers in a second.
    pub(super) per_second: f64,
    /// Half of the answers came within so many milliseconds.
    pub(super) p50: f64,
    /// 99 of 100 answers did.
    pub(super) p99: f64,
}

impl LoadSizes {
    /// The same for so many seconds.
    pub(super) fn lasting(&self, seconds: u64) -> Self {
        Self {
            seconds,
            ..self.clone()
        }
    }

    /// As little as tells anything.
    #[cfg(test)]
    pub(super) fn small() -> Self {
        Self {
            seconds: 1,
            connections: 4,
        }
    }

    /// Asks for one address all the time, with these headers.
    pub(super) async fn on(&self, address: &str, headers: &[&str]) -> anyhow::Result<Load> {
        let headers = headers.iter().flat_map(|header| ["-H", header]);
        self.run(headers.collect(), address).await
    }

    /// Asks a server for the paths of a file, one line each, in random order.
    pub(super) async fn spread(
        &self,
        script: &Path,
        paths: &Path,
        server: &str,
        headers: &[&str],
    ) -> anyhow::Result<Load> {
        let (script, paths) = (script.display().to_string(), paths.display().to_string());
        let headers = headers.iter().flat_map(|header| ["-H", header]);
        let more = ["-s", &script].into_iter().chain(headers);
        self.run(more.collect(), &format!("{server} -- {paths}")).await
    }

    async fn run(&self, more: Vec<&str>, target: &str) -> anyhow::Result<Load> {
        let output = Command::new("wrk")
            .args(["--latency", "-t1", &format!("-c{}", self.connections)])
            .arg(format!("-d{}s", self.seconds))
            .args(more)
            .args(target.split(' '))
            .kill_on_drop(true)
            .output()
            .await
            .context("cannot start wrk")?;
        let words = String::from_utf8_lossy(&output.stdout);
        let errors = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "wrk failed: {words}{errors}");
        read(&words)
    }
}

/// Reads what wrk prints; refuses a measurement with errors, because errors come quicker than answers.
fn read(words: &str) -> anyhow::Result<Load> {
    for trouble in ["Non-2xx or 3xx responses", "Socket errors"] {
        ensure!(!words.contains(trouble), "not every answer was right:\n{words}");
    }
    let value = |name: &str| {
        let lines = words.lines().map(str::trim);
        let mut values = lines.filter_map(|line| line.strip_prefix(name));
        values
            .next()
            .map(str::trim)
            .with_context(|| format!("wrk does not say {name}:\n{words}"))
    };
    Ok(Load {
        per_second: value("Requests/sec:")?.parse()?,
        p50: milliseconds(value("50%")?)?,
        p99: milliseconds(value("99%")?)?,
    })
}

/// `850.00us`, `1.23ms` or `2.01s`.
fn milliseconds(text: &str) -> anyhow::Result<f64> {
    let scales = [("us", 0.001), ("ms", 1.0), ("s", 1_000.0), ("m", 60_000.0)];
    let (number, scale) = scales
        .iter()
        .find_map(|(unit, scale)| Some((text.strip_suffix(unit)?, scale)))
        .with_context(|| format!("{text} is no time"))?;
    Ok(number.parse::<f64>()? * scale)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOLD: &str = "\
Running 1s test @ http://127.0.0.1:8080/
  1 threads and 64 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency     1.91ms  520.11us  12.09ms   83.50%
    Req/Sec    33.60k     1.98k   36.60k    70.00%
  Latency Distribution
     50%  850.00us
     75%    2.10ms
     90%    2.50ms
     99%    1.01s
  33512 requests in 1.00s, 1.20GB read
Requests/sec:  33441.16
Transfer/sec:      1.19GB
";

    #[test]
    fn what_wrk_says_is_understood() {
        let expected = Load {
            per_second: 33_441.16,
            p50: 0.85,
            p99: 1_010.0,
        };

        assert_eq!(read(TOLD).unwrap(), expected);
    }

    #[test]
    fn a_measurement_with_errors_counts_for_nothing() {
        for trouble in [
            "  Socket errors: connect 0, read 3, write 0, timeout 0",
            "  Non-2xx or 3xx responses: 7",
        ] {
            let told = TOLD.replace("Requests/sec", &format!("{trouble}\nRequests/sec"));

            assert!(read(&told).is_err(), "{trouble}");
        }
        assert!(read("unable to connect").is_err());
    }
}
