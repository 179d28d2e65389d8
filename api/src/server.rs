//! The listening servers.

use crate::{app::App, routes::configure};
use actix_web::{
    App as Application, HttpResponse, HttpServer,
    web::{self, Data},
};
use std::{future::Future, io, net::TcpListener, time::Duration};

/// How long a client may take to send the head of a request.
const HEAD_TIMEOUT: Duration = Duration::from_secs(10);

/// How long an idle connection is kept.
const KEEP_ALIVE: Duration = Duration::from_secs(75);

/// How long a client may take to say goodbye.
const GOODBYE_TIMEOUT: Duration = Duration::from_secs(2);

/// Most connections that one worker holds at once.
const CONNECTIONS_PER_WORKER: usize = 10_000;

/// Serves the API on `listener` with `workers` threads until `shutdown` completes; then takes no
/// new connection, lets running requests finish for at most `grace` (rounded up to seconds), and
/// returns. Handles no signals.
///
/// # Errors
/// When the listener cannot be used.
pub async fn serve(
    app: Data<App>,
    listener: TcpListener,
    workers: usize,
    shutdown: impl Future<Output = ()> + Send + 'static,
    grace: Duration,
) -> io::Result<()> {
    let routes = configure(app);
    HttpServer::new(move || Application::new().configure(routes.clone()))
        .workers(workers.max(1))
        .keep_alive(KEEP_ALIVE)
        .client_request_timeout(HEAD_TIMEOUT)
        .client_disconnect_timeout(GOODBYE_TIMEOUT)
        .max_connections(CONNECTIONS_PER_WORKER)
        .shutdown_timeout(grace.as_millis().div_ceil(1_000).try_into().unwrap_or(u64::MAX))
        .shutdown_signal(shutdown)
        .listen(listener)?
        .run()
        .await
}

/// Serves `GET /metrics` on `listener` with what `render` gives, until `shutdown` completes. For a
/// listener that only operators reach: it asks for no credentials and handles no signals.
///
/// # Errors
/// When the listener cannot be used.
pub async fn serve_metrics(
    listener: TcpListener,
    render: impl Fn() -> String + Clone + Send + Sync + 'static,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    HttpServer::new(move || {
        let render = render.clone();
        let answer = move || {
            let text = render();
            async move {
                HttpResponse::Ok()
                    .content_type("text/plain; version=0.0.4; charset=utf-8")
                    .body(text)
            }
        };
        Application::new().service(web::resource("/metrics").route(web::get().to(answer)))
    })
    .workers(1)
    .client_request_timeout(HEAD_TIMEOUT)
    .shutdown_timeout(1)
    .shutdown_signal(shutdown)
    .listen(listener)?
    .run()
    .await
}
