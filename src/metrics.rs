//! Numbers for operators, on a port of their own.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::time::Duration;

use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use tokio_util::sync::CancellationToken;

use crate::config::Settings;
use crate::failure::Failure;

/// Where metrics are served when nothing is set.
pub(crate) const DEFAULT_LISTEN: SocketAddr =
    SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 9464);
/// How often old samples are folded away, so that memory stays flat when nobody reads.
const UPKEEP: Duration = Duration::from_secs(5);
/// Bounds of every histogram, in seconds: from a cached answer to the longest call.
const BUCKETS: &[f64] = &[
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0,
];

/// Collects metrics from here on and serves `/metrics` and `/healthz` until `stop`.
///
/// # Errors
/// When the address that was set is taken, or metrics were started before.
pub(crate) async fn start(settings: &Settings, stop: &CancellationToken) -> Result<(), Failure> {
    let recorder = PrometheusBuilder::new()
        .set_buckets(BUCKETS)
        .and_then(PrometheusBuilder::install_recorder)
        .map_err(|error| Failure::because("cannot collect metrics", &error))?;
    tokio::spawn(keep_up(recorder.clone(), stop.clone()));
    if let Some(listener) = listen(settings.server.metrics_listen)? {
        tokio::spawn(serve(listener, recorder, stop.clone()));
    }
    Ok(())
}

/// Two processes on one machine may both be without a setting; only one of them can have the default.
fn listen(wanted: Option<SocketAddr>) -> Result<Option<TcpListener>, Failure> {
    let address = wanted.unwrap_or(DEFAULT_LISTEN);
    match (TcpListener::bind(address), wanted) {
        (Ok(listener), _) => Ok(Some(listener)),
        (Err(error), Some(_)) => Err(Failure::because(
            format!("cannot listen on {address} for metrics"),
            &error,
        )),
        (Err(error), None) => {
            tracing::warn!(%address, %error, "metrics are not served; set server.metrics_listen");
            Ok(None)
        }
    }
}

async fn serve(listener: TcpListener, recorder: PrometheusHandle, stop: CancellationToken) {
    let served =
        vitrine_api::serve_metrics(listener, move || recorder.render(), stop.cancelled_owned()).await;
    if let Err(error) = served {
        tracing::error!(%error, "metrics are no longer served");
    }
}

async fn keep_up(recorder: PrometheusHandle, stop: CancellationToken) {
    while stop
        .run_until_cancelled(tokio::time::sleep(UPKEEP))
        .await
        .is_some()
    {
        recorder.run_upkeep();
    }
}
