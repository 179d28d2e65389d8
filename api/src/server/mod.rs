//! The listening servers.

mod connection;
mod connection_limits;
mod in_flight;
mod request_guard;
mod slices;
mod stop;
mod stream;
mod thread_registry;
mod trusted_proxies;
mod unsent;

use crate::{app::App, operators, probe::Probe, public::FastPath, routes::configure};
use actix_http::{HttpService, Protocol, error::DispatchError};
use actix_server::{GracefulShutdownSignal, Server};
use actix_service::{Service, ServiceFactory, ServiceFactoryExt, apply, fn_service, map_config};
use actix_web::{
    App as Application, Error, HttpResponse, HttpServer,
    body::BoxBody,
    dev::AppConfig,
    rt::net::TcpStream,
    web::{self, Data},
};
pub(crate) use connection::Connection;
use connection::{Connections, Timeouts};
use connection_limits::ConnectionCounter;
pub use connection_limits::ConnectionLimits;
use futures::future::ready;
pub use in_flight::InFlight;
pub(crate) use in_flight::InFlightGuard;
pub(crate) use request_guard::RequestGuard;
use socket2::SockRef;
use std::{
    future::Future,
    io,
    net::{SocketAddr, TcpListener},
    rc::Rc,
    time::Duration,
};
pub use stop::Stop;
use stream::MonitoredStream;
use thread_registry::ThreadRegistry;
use tokio::time::sleep;
pub use trusted_proxies::TrustedProxies;
pub use unsent::Unsent;
pub(crate) use unsent::is_long;

/// How long a client may take to send the head of a request.
const HEAD_TIMEOUT: Duration = Duration::from_secs(10);

/// How long an idle connection is kept.
const KEEP_ALIVE: Duration = Duration::from_secs(75);

/// How long a client may take to say goodbye.
const GOODBYE_TIMEOUT: Duration = Duration::from_secs(2);

/// How long a connection may wait for its client.
const TIMEOUTS: Timeouts = Timeouts {
    head: HEAD_TIMEOUT,
    writing: Duration::from_secs(30),
    idle: Duration::from_secs(80),
    idle_when_crowded: Duration::from_secs(5),
};

/// Bytes that the system takes for a client before they are sent: what a client that does not read costs besides the
/// connection's buffer.
#[cfg(target_os = "linux")]
const UNSENT: u32 = 128 * 1024;

/// Connections that wait for a thread: those beyond the limit are closed by the thread.
const WAITING: usize = 1_024;

/// How the API is served.
#[derive(Clone, Copy, Debug)]
pub struct Serving {
    /// Threads that answer.
    pub threads: usize,
    /// How many connections are held.
    pub connections: ConnectionLimits,
    /// How long requests are still taken after the shutdown began, while `/readyz` says that it did.
    pub drain: Duration,
    /// How long running requests may take to finish after that, about.
    pub grace: Duration,
}

/// Serves the API on `listener` until `shutdown` completes. Then `/readyz` answers 503 and connections are closed behind
/// their next answer; after the time to drain no new connection is taken, what was asked for is answered, and the
/// server ends. Handles no signals.
///
/// # Errors
/// When the listener cannot be used.
pub async fn serve(
    app: Data<App>,
    listener: TcpListener,
    serving: Serving,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    serve_with_timeouts(app, listener, serving, TIMEOUTS, shutdown).await
}

async fn serve_with_timeouts(
    app: Data<App>,
    listener: TcpListener,
    serving: Serving,
    timeouts: Timeouts,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let (registry, kept) = (ThreadRegistry::default(), listener.try_clone()?);
    let finish = finish(app.clone(), kept, registry.clone(), serving, shutdown);
    let builder = Server::build()
        .workers(serving.threads.max(1))
        .max_concurrent_connections(serving.connections.in_all.get() + WAITING)
        .shutdown_timeout(last_seconds(serving.grace))
        .shutdown_signal(finish);
    let counter = ConnectionCounter::new(serving.connections, app.settings.trusted_proxies.clone());
    let (routes, fast_path) = (configure(app.clone()), FastPath::new(app));
    let stopping = builder.graceful_shutdown_signal();
    let connections = move || {
        let lines = Connections::new(timeouts, registry.clone());
        let application = Application::new().configure(routes.clone());
        let application =
            apply(fast_path.clone(), application).map_err(|error: Error| error.error_response());
        let application = map_config(application, |()| AppConfig::default());
        connections(application, lines, counter.clone(), stopping.clone())
    };
    builder.listen("api", listener, connections)?.run().await
}

/// Completes when nothing runs any more, or the time for it is over.
async fn finish(
    app: Data<App>,
    listener: TcpListener,
    registry: ThreadRegistry,
    serving: Serving,
    shutdown: impl Future<Output = ()> + Send,
) {
    shutdown.await;
    app.stop.begin();
    sleep(serving.drain).await;
    let at_most = serving.grace - Duration::from_secs(last_seconds(serving.grace)).min(serving.grace);
    stop::finish(listener, &registry, &app.in_flight, at_most).await;
}

/// What is left of the grace for answers that are on their way to slow clients: a quarter, in whole seconds.
fn last_seconds(grace: Duration) -> u64 {
    (grace / 4).as_secs().max(1)
}

/// Serves HTTP on connections that have a place and a line.
fn connections<S>(
    application: S,
    lines: Rc<Connections>,
    counter: ConnectionCounter,
    stopping: GracefulShutdownSignal,
) -> impl ServiceFactory<TcpStream, Config = (), Response = (), Error = DispatchError, InitError = ()>
where
    S: ServiceFactory<actix_http::Request, Config = ()> + 'static,
    S::Error: Into<actix_http::Response<BoxBody>> + 'static,
    S::InitError: std::fmt::Debug,
    S::Response: Into<actix_http::Response<BoxBody>> + 'static,
    <S::Service as Service<actix_http::Request>>::Future: 'static,
{
    let http = HttpService::build()
        .graceful_shutdown_signal(move || {
            let stopping = stopping.clone();
            async move { stopping.notified().await }
        })
        .keep_alive(KEEP_ALIVE)
        .client_request_timeout(HEAD_TIMEOUT)
        .client_disconnect_timeout(GOODBYE_TIMEOUT)
        .on_connect_ext(|stream: &MonitoredStream, data| {
            data.insert(stream.line());
        })
        .finish(application);
    fn_service(move |stream| ready(take(stream, &lines, &counter))).and_then(http)
}

type Taken = (MonitoredStream, Protocol, Option<SocketAddr>);

fn take(
    stream: TcpStream,
    lines: &Rc<Connections>,
    counter: &ConnectionCounter,
) -> Result<Taken, DispatchError> {
    let peer = stream.peer_addr()?;
    let place = counter.enter(peer.ip()).map_err(|refused| {
        metrics::counter!("vitrine_http_connections_refused_total", "reason" => refused.name()).increment(1);
        io::Error::other(refused)
    })?;
    bound_unsent(&stream);
    let watched = MonitoredStream::new(stream, lines.open(place));
    Ok((watched, Protocol::Http1, Some(peer)))
}

/// Without it the system would take megabytes for a client that reads nothing, and would not tell for as long that a
/// slow one reads.
#[cfg(target_os = "linux")]
fn bound_unsent(stream: &TcpStream) {
    if let Err(error) = SockRef::from(stream).set_tcp_notsent_lowat(UNSENT) {
        tracing::debug!(%error, "what a connection may leave unsent is not bounded");
    }
}

#[cfg(not(target_os = "linux"))]
fn bound_unsent(_: &TcpStream) {}

/// Serves `GET /metrics` on `listener` with what `render` gives, `/healthz`, and `/readyz` by these probes, until
/// `shutdown` completes. For a listener that only operators reach: it asks for no credentials and handles no
/// signals.
///
/// # Errors
/// When the listener cannot be used.
pub async fn serve_metrics(
    listener: TcpListener,
    render: impl Fn() -> String + Clone + Send + Sync + 'static,
    probes: Vec<Probe>,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let probes = Data::new(probes);
    let server = HttpServer::new(move || {
        let render = render.clone();
        let answer = move || {
            let text = render();
            async move {
                HttpResponse::Ok()
                    .content_type("text/plain; version=0.0.4; charset=utf-8")
                    .body(text)
            }
        };
        Application::new()
            .app_data(probes.clone())
            .service(web::resource("/metrics").route(web::get().to(answer)))
            .service(operators::read_health)
            .service(web::resource("/readyz").route(web::get().to(operators::read_readiness_of)))
    })
    .workers(1)
    .client_request_timeout(HEAD_TIMEOUT)
    .shutdown_timeout(1)
    .shutdown_signal(shutdown)
    .listen(listener)?
    .run();
    server.await
}

#[cfg(test)]
mod tests;
