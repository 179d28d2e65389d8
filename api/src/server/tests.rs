use super::*;
use crate::{probe::Probe, testing::TestApp, transport::ConnectionLimits};
use actix_web::body::MessageBody;
use futures::FutureExt;
use std::{
    net::SocketAddr,
    num::NonZeroUsize,
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    sync::oneshot,
    time::timeout,
};

const TIMEOUT: Duration = Duration::from_secs(20);
/// Whoever lets the server wait is cut off soon.
const HURRY: Timeouts = Timeouts {
    head: Duration::from_secs(1),
    writing: Duration::from_secs(1),
    idle: Duration::from_secs(80),
    idle_when_crowded: Duration::from_secs(1),
};

fn listen() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    (listener, address)
}

fn serving() -> Serving {
    Serving {
        threads: 1,
        connections: ConnectionLimits {
            in_all: NonZeroUsize::new(100).unwrap(),
            per_network: NonZeroUsize::new(100).unwrap(),
        },
        drain: Duration::ZERO,
        grace: TIMEOUT * 2,
    }
}

/// Sends one request and gives back the connection with the answer's first bytes.
async fn ask(address: SocketAddr, path: &str) -> (TcpStream, String) {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut bytes = vec![0; 4_096];
    let length = timeout(TIMEOUT, stream.read(&mut bytes)).await.unwrap().unwrap();
    (stream, String::from_utf8_lossy(&bytes[..length]).into_owned())
}

#[tokio::test]
async fn a_stop_does_not_wait_for_idle_connections() {
    let (listener, address) = listen();
    let (stop, stopped) = oneshot::channel::<()>();
    let shutdown = async move { stopped.await.unwrap_or_default() };
    let app = TestApp::start().await.app;
    let server = tokio::spawn(serve(app, listener, serving(), shutdown));
    let (idle, answer) = ask(address, "/healthz").await;
    assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");

    let since = Instant::now();
    stop.send(()).unwrap();
    timeout(TIMEOUT, server).await.unwrap().unwrap().unwrap();

    assert!(since.elapsed() < TIMEOUT);
    drop(idle);
    assert!(TcpStream::connect(address).await.is_err());
}

#[tokio::test]
async fn a_stop_waits_for_what_nobody_waits_for_any_more() {
    let (listener, address) = listen();
    let (stop, stopped) = oneshot::channel::<()>();
    let shutdown = async move { stopped.await.unwrap_or_default() };
    let app = TestApp::start().await.app;
    let going_on = app.in_flight.track();
    let mut server = tokio::spawn(serve(app, listener, serving(), shutdown));
    drop(ask(address, "/healthz").await);

    stop.send(()).unwrap();

    // Longer than an idle server needs to end.
    let early = timeout(Duration::from_secs(2), &mut server).await;
    assert!(early.is_err(), "it did not wait: {early:?}");
    drop(going_on);
    timeout(TIMEOUT, server).await.unwrap().unwrap().unwrap();
}

#[tokio::test]
async fn a_server_that_stops_says_so_and_answers_until_its_drain_is_over() {
    let (listener, address) = listen();
    let (stop, stopped) = oneshot::channel::<()>();
    let shutdown = async move { stopped.await.unwrap_or_default() };
    let app = TestApp::start().await.app;
    let drain = Duration::from_secs(2);
    let serving = Serving { drain, ..serving() };
    let server = tokio::spawn(serve(app, listener, serving, shutdown));
    let is_ready = async || ask(address, "/readyz").await.1.starts_with("HTTP/1.1 200");
    assert!(is_ready().await);

    let since = Instant::now();
    stop.send(()).unwrap();
    while is_ready().await {}
    let (mut last, answer) = ask(address, "/healthz").await;

    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert!(answer.contains("connection: close"), "{answer}");
    until_closed(&mut last).await;
    timeout(TIMEOUT, server).await.unwrap().unwrap().unwrap();
    assert!(since.elapsed() >= drain, "{:?}", since.elapsed());
}

#[tokio::test]
async fn a_stop_waits_for_a_request_that_is_half_sent() {
    let (listener, address) = listen();
    let (stop, stopped) = oneshot::channel::<()>();
    let shutdown = async move { stopped.await.unwrap_or_default() };
    let app = TestApp::start().await.app;
    let mut server = tokio::spawn(serve(app, listener, serving(), shutdown));
    let (mut stream, _) = ask(address, "/healthz").await;
    stream.write_all(b"GET /healthz HTTP/1.1\r\nHos").await.unwrap();

    stop.send(()).unwrap();

    // Longer than an idle server needs to end.
    let early = timeout(Duration::from_secs(2), &mut server).await;
    assert!(early.is_err(), "it did not wait: {early:?}");
    stream.write_all(b"t: localhost\r\n\r\n").await.unwrap();
    let said = until_closed(&mut stream).await;
    assert!(said.starts_with("HTTP/1.1 200"), "{said}");
    timeout(TIMEOUT, server).await.unwrap().unwrap().unwrap();
}

#[tokio::test]
async fn a_long_answer_runs_until_its_client_has_taken_it() {
    let (listener, address) = listen();
    let app = TestApp::start().await.app;
    tokio::spawn(serve(app.clone(), listener, serving(), std::future::pending()));
    let mut stream = slow_reader(address).await;
    let request = b"GET /openapi.json HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    stream.write_all(request).await.unwrap();

    stream.read_u8().await.unwrap();

    assert!(app.in_flight.has_ended().now_or_never().is_none());
    until_closed(&mut stream).await;
    timeout(TIMEOUT, app.in_flight.has_ended()).await.unwrap();
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
    timeout(TIMEOUT, server).await.unwrap().unwrap().unwrap();
}

/// Runs a server that cuts off soon.
async fn hurried(serving: Serving) -> SocketAddr {
    let (listener, address) = listen();
    let app = TestApp::start().await.app;
    tokio::spawn(serve_with_timeouts(
        app,
        listener,
        serving,
        HURRY,
        std::future::pending(),
    ));
    address
}

/// A client whose system takes little before the client reads.
async fn slow_reader(address: SocketAddr) -> TcpStream {
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4_096).unwrap();
    socket.connect(address).await.unwrap()
}

/// Reads until the server ends the connection, and gives what it said.
async fn until_closed(stream: &mut TcpStream) -> String {
    let mut said = Vec::new();
    // A connection that is cut off may be reset.
    let closed = timeout(TIMEOUT, stream.read_to_end(&mut said)).await;
    assert!(
        closed.is_ok(),
        "it stays open: {:?}",
        String::from_utf8_lossy(&said)
    );
    String::from_utf8_lossy(&said).into_owned()
}

#[tokio::test]
async fn a_body_in_chunks_that_never_ends_ends_with_its_answer() {
    let address = hurried(serving()).await;
    for path in [
        "/v1/tenant",
        "/v1/feeds/00000000-0000-0000-0000-000000000000/photos?key=x",
    ] {
        let mut stream = TcpStream::connect(address).await.unwrap();
        let request =
            format!("GET {path} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nmore\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();

        let said = until_closed(&mut stream).await;

        assert!(said.starts_with("HTTP/1.1 401"), "{path}: {said}");
        assert!(said.contains("connection: close"), "{path}: {said}");
    }
}

#[tokio::test]
async fn a_second_request_that_is_never_asked_to_its_end_is_cut_off() {
    let address = hurried(serving()).await;
    let (mut stream, answer) = ask(address, "/healthz").await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");

    stream.write_all(b"GET /healthz HTTP/1.1\r\nHos").await.unwrap();

    until_closed(&mut stream).await;
}

#[tokio::test]
async fn whoever_reads_nothing_is_cut_off() {
    let address = hurried(serving()).await;
    let mut stream = slow_reader(address).await;
    // More answers than the system takes for a client that reads none.
    let requests = "GET /openapi.json HTTP/1.1\r\nHost: x\r\n\r\n".repeat(16);
    stream.write_all(requests.as_bytes()).await.unwrap();

    let (ready, since) = (stream.ready(tokio::io::Interest::ERROR), Instant::now());
    let reset = timeout(TIMEOUT, ready).await;

    assert!(reset.is_ok(), "still waited for after {:?}", since.elapsed());
}

#[tokio::test]
async fn idle_connections_make_room_where_it_is_scarce() {
    let in_all = NonZeroUsize::new(4).unwrap();
    let connections = ConnectionLimits {
        in_all,
        per_network: in_all,
    };
    let address = hurried(Serving {
        connections,
        ..serving()
    })
    .await;
    let mut idle = Vec::new();
    for _ in 0..in_all.get() {
        idle.push(ask(address, "/healthz").await.0);
    }
    // One more finds no place.
    let mut refused = TcpStream::connect(address).await.unwrap();
    assert_eq!(until_closed(&mut refused).await, "");

    for stream in &mut idle[..1] {
        until_closed(stream).await;
    }

    let (_, answer) = ask(address, "/healthz").await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}

#[tokio::test]
async fn no_long_answer_is_begun_while_too_much_waits_for_clients_that_do_not_read() {
    let (listener, address) = listen();
    let app = TestApp::start().await.app;
    tokio::spawn(serve(app.clone(), listener, serving(), std::future::pending()));
    let unread = app.unsent.admit(vec![7_u8; 64 * 1024 * 1024].boxed(), None);

    let (_, refused) = ask(address, "/openapi.json").await;
    let (_, short) = ask(address, "/healthz").await;
    drop(unread.unwrap());
    let (_, answer) = ask(address, "/openapi.json").await;

    assert!(refused.starts_with("HTTP/1.1 503"), "{refused}");
    assert!(
        refused.contains("retry-after: 5") && refused.contains(r#""code":"busy""#),
        "{refused}"
    );
    assert!(refused.contains("cache-control: no-store"), "{refused}");
    assert!(short.starts_with("HTTP/1.1 200"), "{short}");
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}
