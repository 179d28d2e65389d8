//! Numbers for operators, on a port of their own.

mod catalog;
mod process;

use std::net::TcpListener;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use tokio_util::sync::CancellationToken;
use vitrine_api::Probe;
use vitrine_base::database::Database;

use crate::background_tasks::BackgroundTasks;
use crate::config::Settings;
use crate::failure::Failure;

/// How often old samples are folded away, so that memory stays flat when nobody reads.
const UPKEEP: Duration = Duration::from_secs(5);
/// Bounds of every histogram, in seconds: from a cached answer to the longest call.
const BUCKETS: &[f64] = &[
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0,
];

/// What is collected, and where it will be served.
pub(crate) struct Metrics {
    recorder: PrometheusHandle,
    listener: Option<TcpListener>,
    started: SystemTime,
}

impl Metrics {
    /// Collects from here on, as a process of this role, and takes the address that metrics are served on.
    ///
    /// # Errors
    /// When the address that was set is taken, or metrics were started before.
    pub(crate) fn collect(
        settings: &Settings,
        role: &'static str,
        tasks: &BackgroundTasks,
    ) -> Result<Self, Failure> {
        let recorder = PrometheusBuilder::new()
            .set_buckets(BUCKETS)
            .and_then(PrometheusBuilder::install_recorder)
            .map_err(|error| Failure::because("cannot collect metrics", &error))?;
        catalog::describe();
        catalog::begin_at_zero();
        let version = env!("CARGO_PKG_VERSION");
        metrics::gauge!("vitrine_build_info", "version" => version, "role" => role).set(1.0);
        tasks.spawn(keep_up(recorder.clone()));
        Ok(Self {
            recorder,
            listener: listen(settings)?,
            started: SystemTime::now(),
        })
    }

    /// Serves `/metrics`, `/healthz` and `/readyz` until `stop`.
    pub(crate) fn serve(
        mut self,
        database: Database,
        probes: Vec<Probe>,
        stop: &CancellationToken,
        tasks: &BackgroundTasks,
    ) {
        if let Some(listener) = self.listener.take() {
            let stop = stop.clone();
            let page = Arc::new(self);
            tasks.spawn(async move {
                let render = move || page.render(&database);
                let served =
                    vitrine_api::serve_metrics(listener, render, probes, stop.cancelled_owned()).await;
                if let Err(error) = served {
                    tracing::error!(%error, "metrics are no longer served");
                }
            });
        }
    }

    fn render(&self, database: &Database) -> String {
        let pool = database.pool();
        let connections = |state: &'static str, count: u32| {
            metrics::gauge!("vitrine_database_connections", "state" => state).set(f64::from(count));
        };
        connections("used", pool.open.saturating_sub(pool.idle));
        connections("idle", pool.idle);
        metrics::gauge!("vitrine_database_connections_limit").set(f64::from(pool.most));
        let mut page = self.recorder.render();
        page.push_str(&process::render(self.started));
        page
    }
}

/// Two processes on one machine may both be without a setting; only one of them can have the default.
fn listen(settings: &Settings) -> Result<Option<TcpListener>, Failure> {
    let address = settings.metrics_listen();
    match (TcpListener::bind(address), settings.server.metrics_listen) {
        (Ok(listener), _) => Ok(Some(listener)),
        (Err(error), Some(_)) => Err(Failure::because(
            format!("cannot listen on {address} for metrics (server.metrics_listen)"),
            &error,
        )),
        (Err(error), None) => {
            tracing::warn!(%address, %error, "metrics are not served; set server.metrics_listen");
            Ok(None)
        }
    }
}

async fn keep_up(recorder: PrometheusHandle) {
    loop {
        tokio::time::sleep(UPKEEP).await;
        recorder.run_upkeep();
    }
}
