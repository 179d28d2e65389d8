//! Many readers at once of a feed that nobody has read yet.

use super::{
    child::Server,
    installation::statements::{Asked, Watch},
};
use anyhow::ensure;
use sea_orm::DatabaseConnection;
use std::{
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::TcpStream,
    sync::Barrier,
    task::JoinSet,
};

const PATIENCE: Duration = Duration::from_secs(60);
/// Counters of the product; a version without them is counted by the database alone.
const LOADS: &str = "vitrine_feed_loads_total";
const RENDERS: &str = "vitrine_feed_renders_total";

/// What the readers caused.
pub(super) struct Cold {
    /// Milliseconds until the last had its answer.
    pub(super) milliseconds: f64,
    /// What the database was asked for.
    pub(super) asked: Asked,
    /// What the product counts itself.
    pub(super) loads: Option<f64>,
    pub(super) renders: Option<f64>,
}

/// Lets so many readers ask for a feed at the same moment.
pub(super) async fn measure(
    server: &Server,
    metrics: &str,
    path: &str,
    readers: usize,
    database: &DatabaseConnection,
) -> anyhow::Result<Cold> {
    let mut connections = Vec::with_capacity(readers);
    for _ in 0..readers {
        connections.push(connect(server).await?);
    }
    let watch = Watch::begin(database).await?;
    let before = counters(metrics).await?;
    let milliseconds = ask_at_once(connections, server, path).await?;
    let after = counters(metrics).await?;
    let grown = |name| Some(counter(&after, name)? - counter(&before, name).unwrap_or_default());
    Ok(Cold {
        milliseconds,
        asked: watch.end().await?,
        loads: grown(LOADS),
        renders: grown(RENDERS),
    })
}

/// A connection that was answered before, so that what is measured is not how connections are made.
async fn connect(server: &Server) -> anyhow::Result<BufReader<TcpStream>> {
    let mut stream = BufReader::new(TcpStream::connect(&server.address).await?);
    ask(&mut stream, &server.address, "/healthz").await?;
    Ok(stream)
}

async fn ask_at_once(
    connections: Vec<BufReader<TcpStream>>,
    server: &Server,
    path: &str,
) -> anyhow::Result<f64> {
    let barrier = Arc::new(Barrier::new(connections.len() + 1));
    let mut readers = JoinSet::new();
    for mut stream in connections {
        let (barrier, address, path) = (barrier.clone(), server.address.clone(), path.to_owned());
        readers.spawn(async move {
            barrier.wait().await;
            ask(&mut stream, &address, &path).await
        });
    }
    barrier.wait().await;
    let began = Instant::now();
    let lengths = tokio::time::timeout(PATIENCE, readers.join_all()).await?;
    let milliseconds = began.elapsed().as_secs_f64() * 1_000.0;
    let lengths = lengths.into_iter().collect::<anyhow::Result<Vec<usize>>>()?;
    ensure!(
        lengths.iter().all(|length| *length == lengths[0]),
        "the readers got different answers"
    );
    Ok(milliseconds)
}

/// Asks and reads the whole answer; gives the length of its body.
async fn ask(stream: &mut BufReader<TcpStream>, host: &str, path: &str) -> anyhow::Result<usize> {
    let request = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\n\r\n");
    stream.get_mut().write_all(request.as_bytes()).await?;
    let (mut length, mut line) = (0, String::new());
    stream.read_line(&mut line).await?;
    ensure!(line.starts_with("HTTP/1.1 200"), "answered with {line}");
    while line != "\r\n" {
        line.clear();
        ensure!(stream.read_line(&mut line).await? > 0, "the answer breaks off");
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse()?;
        }
    }
    stream.read_exact(&mut vec![0; length]).await?;
    Ok(length)
}

async fn counters(metrics: &str) -> anyhow::Result<String> {
    let http = reqwest::Client::builder().no_proxy().build()?;
    let answer = http.get(format!("http://{metrics}/metrics")).send().await?;
    Ok(answer.error_for_status()?.text().await?)
}

/// The sum over all labels; none when the counter does not exist.
fn counter(metrics: &str, name: &str) -> Option<f64> {
    let lines = metrics.lines().filter(|line| {
        line.strip_prefix(name)
            .is_some_and(|rest| rest.starts_with(['{', ' ']))
    });
    let values = lines.filter_map(|line| line.rsplit(' ').next()?.parse::<f64>().ok());
    values.reduce(|sum, value| sum + value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_counter_is_summed_over_its_labels() {
        let metrics =
            "# TYPE a_total counter\na_total{format=\"json\"} 2\na_total{format=\"rss\"} 3\na_total_more 9\n";

        assert_eq!(counter(metrics, "a_total"), Some(5.0));
        assert_eq!(counter(metrics, "b_total"), None);
    }
}
