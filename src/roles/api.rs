//! Answers HTTP requests.

use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;
use vitrine_api::{ConnectionLimits, Serving};
use vitrine_feeds::FeedReader;

use super::{distributed_services, listening};
use crate::background_tasks::BackgroundTasks;
use crate::config::{Settings, warnings};
use crate::failure::Failure;
use crate::metrics::Metrics;
use crate::open_files;
use crate::wiring::Services;

/// How often metrics learn how much memory feeds take.
const MEMORY_REPORTED_EVERY: Duration = Duration::from_secs(10);

/// Answers until `stop`.
///
/// # Errors
/// When something that it needs is missing, or its address is taken.
pub(crate) async fn run(mut settings: Settings, stop: CancellationToken) -> Result<(), Failure> {
    settings.check_distributed()?;
    let connections = open_files::connection_limits(&settings);
    let listener = listening::listen(&mut settings)?;
    let tasks = BackgroundTasks::default();
    let metrics = Metrics::collect(&settings, "api", &tasks)?;
    let services = distributed_services(&settings, tasks.clone()).await?;
    metrics.serve(services.database(), services.probes(), &stop, &tasks);
    warnings::warn_answering(&settings, &services.parts.public_url);
    let served = serve(&settings, &services, listener, connections, stop).await;
    services.close().await;
    served
}

/// Answers on `listener` until `stop`, lets running requests finish, and writes down what was counted.
///
/// # Errors
/// When the listener cannot be used.
pub(super) async fn serve(
    settings: &Settings,
    services: &Services,
    listener: TcpListener,
    connections: ConnectionLimits,
    stop: CancellationToken,
) -> Result<(), Failure> {
    let app = Arc::new(services.app(settings));
    let served_all = CancellationToken::new();
    let traffic = services.traffic.clone();
    let (stopping, ended) = (
        stop.clone().cancelled_owned(),
        served_all.clone().cancelled_owned(),
    );
    let writing = tokio::spawn(traffic.flush_periodically(stopping, ended));
    let (stopping, ended) = (
        stop.clone().cancelled_owned(),
        served_all.clone().cancelled_owned(),
    );
    let noting = tokio::spawn(Arc::clone(&app.api_keys).flush_uses_periodically(stopping, ended));
    services.parts.tasks.spawn(report_memory(app.feed_reader.clone()));
    tracing::info!(address = %settings.server.listen, public_url = %services.parts.public_url, "answering");
    let served = vitrine_api::serve(
        app.into(),
        listener,
        serving(settings, connections),
        stop.cancelled_owned(),
    )
    .await;
    served_all.cancel();
    let (written, noted) = tokio::join!(writing, noting);
    noted.map_err(|error| Failure::because("when keys were last used was not written down", &error))?;
    written.map_err(|error| Failure::because("what visitors asked for was not written down", &error))?;
    served.map_err(|error| Failure::because("the API failed", &error))
}

fn serving(settings: &Settings, connections: ConnectionLimits) -> Serving {
    Serving {
        threads: settings.server.threads(),
        connections,
        drain: settings.drain_time(),
        grace: settings.finish_time(),
    }
}

async fn report_memory(feeds: FeedReader) {
    let mut ticks = tokio::time::interval(MEMORY_REPORTED_EVERY);
    loop {
        ticks.tick().await;
        feeds.report_memory();
    }
}
