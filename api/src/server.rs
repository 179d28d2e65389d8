//! The listening servers.

use crate::{
    app::App,
    operators::{self, Probe},
    public::AtHandFirst,
    routes::configure,
};
use actix_service::apply;
use actix_web::{
    App as Application, HttpResponse, HttpServer,
    web::{self, Data},
};
use std::{future::Future, io, net::TcpListener, time::Duration};
use tokio::time::timeout;

/// How long a client may take to send the head of a request.
const HEAD_TIMEOUT: Duration = Duration::from_secs(10);

/// How long an idle connection is kept.
const KEEP_ALIVE: Duration = Duration::from_secs(75);

/// How long a client may take to say goodbye.
const GOODBYE_TIMEOUT: Duration = Duration::from_secs(2);

/// How long a stop waits first for requests whose clients went away: the server waits for connections only.
const ABANDONED_TIMEOUT: Duration = Duration::from_secs(5);

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
    let abandoned = app.abandoned.clone();
    let routes = configure(app.clone());
    let application = move || {
        let application = Application::new().configure(routes.clone());
        apply(AtHandFirst(app.clone()), application)
    };
    let within = ABANDONED_TIMEOUT.min(grace / 4);
    let shutdown = async move {
        shutdown.await;
        // What is cut off then is cut off as by a crash.
        let _ended = timeout(within, abandoned.have_ended()).await;
    };
    let grace = grace - within;
    let server = HttpServer::new(application)
        .workers(workers.max(1))
        .keep_alive(KEEP_ALIVE)
        .client_request_timeout(HEAD_TIMEOUT)
        .client_disconnect_timeout(GOODBYE_TIMEOUT)
        .max_connections(CONNECTIONS_PER_WORKER)
        .shutdown_timeout(grace.as_millis().div_ceil(1_000).try_into().unwrap_or(u64::MAX))
        .shutdown_signal(shutdown)
        .listen(listener)?
        .run();
    server.await
}

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
mod tests {
    use super::*;
    use crate::testing::TestApp;
    use std::{net::SocketAddr, time::Instant};
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::TcpStream,
        sync::oneshot,
        time::timeout,
    };

    const PATIENCE: Duration = Duration::from_secs(20);

    fn listen() -> (TcpListener, SocketAddr) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        (listener, address)
    }

    /// Sends one request and gives back the connection with the answer's first bytes.
    async fn ask(address: SocketAddr, path: &str) -> (TcpStream, String) {
        let mut stream = TcpStream::connect(address).await.unwrap();
        let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut bytes = vec![0; 4_096];
        let length = timeout(PATIENCE, stream.read(&mut bytes)).await.unwrap().unwrap();
        (stream, String::from_utf8_lossy(&bytes[..length]).into_owned())
    }

    #[tokio::test]
    async fn a_stop_does_not_wait_for_idle_connections() {
        let (listener, address) = listen();
        let (stop, stopped) = oneshot::channel::<()>();
        let shutdown = async move { stopped.await.unwrap_or_default() };
        let app = TestApp::start().await.app;
        let server = tokio::spawn(serve(app, listener, 1, shutdown, PATIENCE * 2));
        let (idle, answer) = ask(address, "/healthz").await;
        assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");

        let since = Instant::now();
        stop.send(()).unwrap();
        timeout(PATIENCE, server).await.unwrap().unwrap().unwrap();

        assert!(since.elapsed() < PATIENCE);
        drop(idle);
        assert!(TcpStream::connect(address).await.is_err());
    }

    #[tokio::test]
    async fn a_stop_waits_for_what_nobody_waits_for_any_more() {
        let (listener, address) = listen();
        let (stop, stopped) = oneshot::channel::<()>();
        let shutdown = async move { stopped.await.unwrap_or_default() };
        let app = TestApp::start().await.app;
        let going_on = app.abandoned.one_more();
        let mut server = tokio::spawn(serve(app, listener, 1, shutdown, PATIENCE * 2));
        drop(ask(address, "/healthz").await);

        stop.send(()).unwrap();

        // Longer than an idle server needs to end.
        let early = timeout(Duration::from_secs(2), &mut server).await;
        assert!(early.is_err(), "it did not wait: {early:?}");
        drop(going_on);
        timeout(PATIENCE, server).await.unwrap().unwrap().unwrap();
    }

    #[tokio::test]
    async fn metrics_are_what_the_recorder_says() {
        let (listener, address) = listen();
        let down = Probe::new("database", || async { Err::<(), _>("away") });
        let (stop, stopped) = oneshot::channel::<()>();
        let shutdown = async move { stopped.await.unwrap_or_default() };
        let server = tokio::spawn(serve_metrics(
            listener,
            || "up 1\n".to_owned(),
            vec![down],
            shutdown,
        ));

        let (_, answer) = ask(address, "/metrics").await;
        let (_, health) = ask(address, "/healthz").await;
        let (_, readiness) = ask(address, "/readyz").await;

        assert!(health.starts_with("HTTP/1.1 200 OK"), "{health}");
        assert!(readiness.starts_with("HTTP/1.1 503"), "{readiness}");
        assert!(
            answer.starts_with("HTTP/1.1 200 OK") && answer.ends_with("up 1\n"),
            "{answer}"
        );
        stop.send(()).unwrap();
        timeout(PATIENCE, server).await.unwrap().unwrap().unwrap();
    }
}
