//! Doing to an answer what a rule says.

use std::future::Future;
use std::io;
use std::time::Duration;

use axum::body::{Body, Bytes, to_bytes};
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE, LOCATION};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::{Html, IntoResponse, Response};
use futures::{Stream, stream};

use super::usage;
use crate::accounts::Account;
use crate::calls::Endpoint;
use crate::faults::{Cut, FaultAction, throttle};
use crate::platform::Platform;
use crate::wire::GraphError;

/// A slow body comes in so many pieces.
const PIECES: usize = 10;

/// Gives the usual answer, or what a rule makes of it. The usual answer is not computed when the rule puts
/// another in its place.
pub(crate) async fn under_faults(
    platform: &Platform,
    account: Option<&Account>,
    endpoint: Endpoint,
    usual: impl Future<Output = Response>,
) -> Response {
    let action = platform
        .faults
        .strike(|| account.map(Account::username), endpoint, platform.now());
    match action {
        None => usual.await,
        Some(FaultAction::Error(name)) => {
            let error = name.error(platform.now(), &platform.settings.client_id);
            refuse(platform, endpoint, &error)
        }
        Some(FaultAction::Respond {
            status,
            body,
            headers,
        }) => respond(status, body, headers),
        Some(FaultAction::Throttle {
            code,
            headers,
            minutes,
        }) => {
            let mut response = refuse(platform, endpoint, &throttle(code));
            if headers {
                usage::write_exhausted(platform, account, minutes, response.headers_mut());
            }
            response
        }
        Some(FaultAction::BadGateway) => bad_gateway(),
        Some(FaultAction::Hang) => {
            platform.closing.cancelled().await;
            cut()
        }
        Some(FaultAction::Delay(time)) => {
            wait(platform, time).await;
            usual.await
        }
        Some(FaultAction::Reset) => cut(),
        Some(FaultAction::Redirect(location)) => redirect(&location),
        Some(FaultAction::Oversized(bytes)) => oversized(usual.await, bytes),
        Some(FaultAction::ContentType(name)) => other_content_type(usual.await, &name),
        Some(FaultAction::HalfAnswer) => half(usual.await).await,
        Some(FaultAction::Slow(time)) => slow(usual.await, time).await,
    }
}

async fn wait(platform: &Platform, time: Duration) {
    tokio::select! {
        () = tokio::time::sleep(time) => {}
        () = platform.closing.cancelled() => {}
    }
}

fn refuse(platform: &Platform, endpoint: Endpoint, error: &GraphError) -> Response {
    let modes = &platform.modes();
    let body = if endpoint == Endpoint::Exchange {
        error.exchange_body(modes)
    } else {
        error.body(modes)
    };
    (
        error.status,
        [(CONTENT_TYPE, "application/json; charset=UTF-8")],
        body,
    )
        .into_response()
}

fn respond(status: u16, body: String, headers: std::collections::BTreeMap<String, String>) -> Response {
    let mut response = (StatusCode::from_u16(status).unwrap_or_default(), body).into_response();
    response.headers_mut().insert(
        CONTENT_TYPE,
        HeaderValue::from_static("application/json; charset=UTF-8"),
    );
    for (name, value) in headers {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}

fn bad_gateway() -> Response {
    let page =
        "<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>";
    (StatusCode::BAD_GATEWAY, Html(page)).into_response()
}

fn cut() -> Response {
    let mut response = StatusCode::INTERNAL_SERVER_ERROR.into_response();
    response.extensions_mut().insert(Cut);
    response
}

fn redirect(location: &str) -> Response {
    (StatusCode::FOUND, [(LOCATION, location)]).into_response()
}

fn other_content_type(mut response: Response, name: &str) -> Response {
    if let Ok(value) = HeaderValue::try_from(name) {
        response.headers_mut().insert(CONTENT_TYPE, value);
    }
    response
}

fn oversized(response: Response, bytes: u64) -> Response {
    const PIECE: u64 = 64 * 1024;
    let body = stream::unfold(bytes, |left| async move {
        let size = usize::try_from(left.min(PIECE)).unwrap_or_default();
        (size > 0).then(|| {
            (
                Ok::<_, io::Error>(Bytes::from(vec![0_u8; size])),
                left.saturating_sub(PIECE),
            )
        })
    });
    with_body(response, bytes, body)
}

async fn half(response: Response) -> Response {
    let (parts, body) = response.into_parts();
    let whole = to_bytes(body, usize::MAX).await.unwrap_or_default();
    let length = whole.len() as u64;
    let first_half = whole.slice(..whole.len() / 2);
    let body = stream::unfold(Some(first_half), |piece| async move {
        if let Some(piece) = piece {
            return Some((Ok(piece), None));
        }
        // Waiting once lets the server send what it has before the connection ends.
        tokio::task::yield_now().await;
        Some((Err(io::Error::from(io::ErrorKind::ConnectionAborted)), None))
    });
    with_body(Response::from_parts(parts, Body::empty()), length, body)
}

async fn slow(response: Response, time: Duration) -> Response {
    let (parts, body) = response.into_parts();
    let whole = to_bytes(body, usize::MAX).await.unwrap_or_default();
    let length = whole.len() as u64;
    let size = whole.len().div_ceil(PIECES).max(1);
    let pause = time / 10;
    let body = stream::unfold(whole, move |mut rest| async move {
        if rest.is_empty() {
            return None;
        }
        tokio::time::sleep(pause).await;
        let piece = rest.split_to(size.min(rest.len()));
        Some((Ok::<_, io::Error>(piece), rest))
    });
    with_body(Response::from_parts(parts, Body::empty()), length, body)
}

fn with_body(
    response: Response,
    length: u64,
    body: impl Stream<Item = Result<Bytes, io::Error>> + Send + 'static,
) -> Response {
    let (mut parts, _) = response.into_parts();
    parts.headers.insert(CONTENT_LENGTH, HeaderValue::from(length));
    Response::from_parts(parts, Body::from_stream(body))
}
