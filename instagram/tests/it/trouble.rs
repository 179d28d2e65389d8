//! Trouble on the way: every limit holds, and none of it is blamed on the account.

use std::error::Error;
use std::time::{Duration, Instant};

use vitrine_instagram::{Failure, FailureKind, Limits};

use crate::server::{Server, answer, client_within, newest, token};
use crate::wire::{Manner, Wire};

const FAR: Duration = Duration::from_secs(60);
const NEAR: Duration = Duration::from_millis(200);

const LIMITS: Limits = Limits {
    connect: FAR,
    read: FAR,
    total: FAR,
    max_body_bytes: 4096,
};

/// What a call ends with, and that it ended long before any limit that is far.
async fn failure(wire: &Wire, limits: Limits) -> Failure {
    let started = Instant::now();
    let failure = client_within(wire.address, limits)
        .confirm_alive(&token())
        .await
        .unwrap_err();
    assert!(started.elapsed() < FAR / 4, "took {:?}", started.elapsed());
    failure
}

fn causes(failure: &Failure) -> String {
    let mut text = String::new();
    let mut cause = failure.source();
    while let Some(error) = cause {
        text.push_str(&format!("{error}; "));
        cause = error.source();
    }
    text
}

#[tokio::test]
async fn a_server_that_never_answers_is_left_after_the_total_limit() {
    let mut wire = Wire::start(Manner::Hang).await;
    let failure = failure(
        &wire,
        Limits {
            total: NEAR,
            ..LIMITS
        },
    )
    .await;

    assert_eq!((failure.kind, failure.status), (FailureKind::Retry, None));
    assert!(causes(&failure).contains("timed out"), "{}", causes(&failure));
    wire.connection_ended().await;
}

#[tokio::test]
async fn a_server_that_never_answers_is_left_after_the_read_limit() {
    let wire = Wire::start(Manner::Hang).await;
    let failure = failure(&wire, Limits { read: NEAR, ..LIMITS }).await;

    assert_eq!((failure.kind, failure.status), (FailureKind::Retry, None));
}

#[tokio::test]
async fn a_server_that_falls_silent_is_left_after_the_read_limit() {
    let mut wire = Wire::start(Manner::FallSilent).await;
    let failure = failure(&wire, Limits { read: NEAR, ..LIMITS }).await;

    assert_eq!((failure.kind, failure.status), (FailureKind::Retry, Some(200)));
    assert!(causes(&failure).contains("timed out"), "{}", causes(&failure));
    wire.connection_ended().await;
}

#[tokio::test]
async fn a_server_that_trickles_is_left_after_the_total_limit() {
    let mut wire = Wire::start(Manner::Trickle).await;
    let failure = failure(
        &wire,
        Limits {
            total: NEAR,
            max_body_bytes: usize::MAX,
            ..LIMITS
        },
    )
    .await;

    assert_eq!((failure.kind, failure.status), (FailureKind::Retry, Some(200)));
    wire.connection_ended().await;
}

#[tokio::test]
async fn an_endless_body_is_cut_at_the_size_limit() {
    let mut wire = Wire::start(Manner::Flood).await;
    let failure = failure(&wire, LIMITS).await;

    assert_eq!(failure.kind, FailureKind::Retry);
    assert!(
        causes(&failure).contains("larger than 4096 bytes"),
        "{}",
        causes(&failure)
    );
    wire.connection_ended().await;
}

#[tokio::test]
async fn the_size_limit_is_exact_and_a_page_too_large_asks_for_a_smaller_one() {
    let body = format!(r#"{{"data":[],"pad":"{}"}}"#, "x".repeat(4000));
    let server = Server::start([answer(200, body.as_str())]).await;
    let page = |max_body_bytes| {
        let client = client_within(
            server.address,
            Limits {
                max_body_bytes,
                ..LIMITS
            },
        );
        async move { client.media_page(&token(), &newest()).await }
    };

    assert!(page(body.len()).await.is_ok());
    assert_eq!(
        page(body.len() - 1).await.unwrap_err().kind,
        FailureKind::RetrySmaller
    );
}

/// `{"id":"000…"}` with 65,536 zeros, compressed.
const BOMB: &[u8] = &[
    0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x03, 0xed, 0xc1, 0x31, 0x11, 0x00, 0x30, 0x08,
    0x04, 0x30, 0x2f, 0xaf, 0x80, 0xb9, 0x7a, 0xba, 0x54, 0x03, 0x57, 0xef, 0x20, 0x24, 0x49, 0xe7, 0xdd,
    0x9c, 0x14, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0xac, 0xfc, 0x01,
    0xf6, 0xde, 0x9b, 0xf5, 0x09, 0x00, 0x01, 0x00,
];

#[tokio::test]
async fn the_size_limit_counts_what_a_compressed_body_becomes() {
    let server = Server::start([answer(200, BOMB).with("content-encoding", "gzip")]).await;
    let alive = |max_body_bytes| {
        let client = client_within(
            server.address,
            Limits {
                max_body_bytes,
                ..LIMITS
            },
        );
        async move { client.confirm_alive(&token()).await }
    };

    assert!(alive(100_000).await.is_ok());
    let failure = alive(4096).await.unwrap_err();
    assert!(
        causes(&failure).contains("larger than 4096 bytes"),
        "{}",
        causes(&failure)
    );
}

#[tokio::test]
async fn answers_cut_off_or_never_given_are_worth_a_retry() {
    let half_json = b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{\"id\":\"1\"";
    let half_error = b"HTTP/1.1 400 Bad Request\r\ncontent-length: 17\r\n\r\n{\"error\":{\"code\"";
    let no_http = b"SSH-2.0-OpenSSH_9.6\r\n";
    for (manner, status) in [
        (Manner::CutShort, Some(200)),
        (Manner::Reset, None),
        (Manner::Send(b""), None),
        (Manner::Send(no_http), None),
        (Manner::Send(half_json), Some(200)),
        (Manner::Send(half_error), Some(400)),
    ] {
        let failure = failure(&Wire::start(manner).await, LIMITS).await;
        assert_eq!(
            (failure.kind, failure.status),
            (FailureKind::Retry, status),
            "{}",
            causes(&failure)
        );
        assert!(failure.is_transient() && failure.source().is_some());
    }
}

#[tokio::test]
async fn a_refused_connection_is_worth_a_retry() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);

    let failure = client_within(address, LIMITS)
        .confirm_alive(&token())
        .await
        .unwrap_err();

    assert_eq!((failure.kind, failure.status), (FailureKind::Retry, None));
}

#[tokio::test]
async fn pages_of_the_edge_are_trouble_and_no_refusal() {
    for status in [200, 301, 400, 403, 404, 500, 502, 503, 504] {
        for body in [
            "<html><title>Bad Gateway</title></html>",
            "",
            "Sorry, this content isn't available right now",
        ] {
            let server = Server::start([answer(status, body).with("content-type", "text/html")]).await;
            let failure = server.client().media_page(&token(), &newest()).await.unwrap_err();
            assert_eq!(
                (failure.kind, failure.status),
                (FailureKind::Retry, Some(status)),
                "{status} {body}"
            );
        }
    }
}

#[tokio::test]
async fn a_redirect_is_never_followed() {
    let target = Server::start([answer(200, r#"{"id":"1"}"#)]).await;
    for status in [301, 302, 303, 307, 308] {
        let location = format!("http://{}/v25.0/me", target.address);
        let server = Server::start([answer(status, "{}").with("location", location)]).await;
        let client = server.client();

        let alive = client.confirm_alive(&token()).await.unwrap_err();
        let exchange = client
            .exchange_code(&"code".into(), "https://photos.example/")
            .await
            .unwrap_err();

        assert_eq!((alive.kind, alive.status), (FailureKind::Retry, Some(status)));
        assert_eq!(
            (exchange.kind, exchange.status),
            (FailureKind::Retry, Some(status))
        );
    }
    assert!(target.seen().is_empty());
}
