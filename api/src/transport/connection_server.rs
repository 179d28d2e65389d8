//! Connections of one listener, and the application that answers on them.

use super::{
    connection_limits::{ConnectionCounter, ConnectionLimits},
    in_flight::InFlight,
    stop::{self, Stop},
    stream::MonitoredStream,
    thread_connections::Connections,
    thread_registry::ThreadRegistry,
    timeouts::{HEAD_TIMEOUT, Timeouts},
    trusted_proxies::TrustedProxies,
};
use actix_http::{HttpService, Protocol, Request, Response, error::DispatchError};
use actix_server::{GracefulShutdownSignal, Server};
use actix_service::{Service, ServiceFactory, ServiceFactoryExt, fn_service};
use actix_web::{body::BoxBody, rt::net::TcpStream};
use futures::future::ready;
use socket2::SockRef;
use std::{
    io,
    net::{SocketAddr, TcpListener},
    rc::Rc,
    time::Duration,
};
use tokio::time::sleep;

/// How long an idle connection is kept.
const KEEP_ALIVE: Duration = Duration::from_secs(75);

/// How long a client may take to say goodbye.
const GOODBYE_TIMEOUT: Duration = Duration::from_secs(2);

/// Bytes that the system takes for a client before they are sent: what a client that does not read costs besides the
/// connection's buffer.
#[cfg(target_os = "linux")]
const UNSENT: u32 = 128 * 1024;

/// Connections that wait for a thread: those beyond the limit are closed by the thread.
const WAITING: usize = 1_024;

/// How an application is served.
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

/// A listener, and what is known of its connections.
pub(crate) struct ConnectionServer {
    /// Where connections come from.
    pub(crate) listener: TcpListener,
    /// How they are served.
    pub(crate) serving: Serving,
    /// How long each may wait for its client.
    pub(crate) timeouts: Timeouts,
    /// Whose connections have no limit of their own.
    pub(crate) proxies: TrustedProxies,
    /// What a stop waits for.
    pub(crate) in_flight: InFlight,
    /// What the application learns of a stop from.
    pub(crate) stop: Stop,
}

impl ConnectionServer {
    /// Serves what `application` makes for each thread, until `shutdown` completes and a stop has ended. Handles no
    /// signals.
    ///
    /// # Errors
    /// When the listener cannot be used.
    pub(crate) async fn run<S>(
        self,
        application: impl Fn() -> S + Clone + Send + 'static,
        shutdown: impl Future<Output = ()> + Send + 'static,
    ) -> io::Result<()>
    where
        S: ServiceFactory<Request, Config = ()> + 'static,
        S::Error: Into<Response<BoxBody>> + 'static,
        S::InitError: std::fmt::Debug,
        S::Response: Into<Response<BoxBody>> + 'static,
        <S::Service as Service<Request>>::Future: 'static,
    {
        let (serving, timeouts) = (self.serving, self.timeouts);
        let (registry, kept) = (ThreadRegistry::default(), self.listener.try_clone()?);
        let finish = finish(
            self.stop,
            self.in_flight,
            kept,
            registry.clone(),
            serving,
            shutdown,
        );
        let builder = Server::build()
            .workers(serving.threads.max(1))
            .max_concurrent_connections(serving.connections.in_all.get() + WAITING)
            .shutdown_timeout(last_seconds(serving.grace))
            .shutdown_signal(finish);
        let counter = ConnectionCounter::new(serving.connections, self.proxies);
        let stopping = builder.graceful_shutdown_signal();
        let connections = move || {
            let lines = Connections::new(timeouts, registry.clone());
            connections(application(), lines, counter.clone(), stopping.clone())
        };
        builder.listen("api", self.listener, connections)?.run().await
    }
}

/// Completes when nothing runs any more, or the time for it is over.
async fn finish(
    stop: Stop,
    in_flight: InFlight,
    listener: TcpListener,
    registry: ThreadRegistry,
    serving: Serving,
    shutdown: impl Future<Output = ()> + Send,
) {
    shutdown.await;
    stop.begin();
    sleep(serving.drain).await;
    let at_most = serving.grace - Duration::from_secs(last_seconds(serving.grace)).min(serving.grace);
    stop::finish(listener, &registry, &in_flight, at_most).await;
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
    S: ServiceFactory<Request, Config = ()> + 'static,
    S::Error: Into<Response<BoxBody>> + 'static,
    S::InitError: std::fmt::Debug,
    S::Response: Into<Response<BoxBody>> + 'static,
    <S::Service as Service<Request>>::Future: 'static,
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
