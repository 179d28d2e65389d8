//! Asks the process on this machine whether it is alive.

use std::io::ErrorKind;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::config::{Settings, reachable};
use crate::failure::Failure;

/// What the API answers while it lives.
const API: &str = "/healthz";
/// What a process without an API answers: it is of use only while its parts work.
const WITHOUT_API: &str = "/readyz";
const PATIENCE: Duration = Duration::from_secs(3);
/// Enough for a status line.
const STATUS_BYTES: u64 = 64;

/// Asks the API whether it lives, or where nobody listens for it, as in a worker's container, the metrics listener
/// whether the process is ready.
///
/// # Errors
/// When neither answers with 200 in time.
pub(crate) async fn run(settings: &Settings) -> Result<(), Failure> {
    match ask(settings.server.listen, API).await {
        Err(error) if error.kind() == ErrorKind::ConnectionRefused => {
            let metrics = settings.metrics_listen();
            ask(metrics, WITHOUT_API)
                .await
                .map_err(|error| unhealthy(metrics, WITHOUT_API, &error))
        }
        answer => answer.map_err(|error| unhealthy(settings.server.listen, API, &error)),
    }
}

fn unhealthy(address: SocketAddr, path: &str, error: &std::io::Error) -> Failure {
    Failure::because(format!("http://{address}{path}"), error)
}

async fn ask(listen: SocketAddr, path: &str) -> std::io::Result<()> {
    let address = reachable(listen);
    let late = || std::io::Error::new(ErrorKind::TimedOut, "no answer in time");
    tokio::time::timeout(PATIENCE, status_line(address, path))
        .await
        .map_err(|_| late())?
        .and_then(|line| {
            let well = line.split(' ').nth(1) == Some("200");
            if well {
                Ok(())
            } else {
                Err(std::io::Error::other(format!("answered {line:?}")))
            }
        })
}

async fn status_line(address: SocketAddr, path: &str) -> std::io::Result<String> {
    let mut stream = TcpStream::connect(address).await?;
    let request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut start = Vec::new();
    stream.take(STATUS_BYTES).read_to_end(&mut start).await?;
    Ok(String::from_utf8_lossy(&start)
        .lines()
        .next()
        .unwrap_or_default()
        .to_owned())
}
