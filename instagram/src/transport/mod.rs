//! Sends one request within the limits and records in metrics and traces how it went.

pub(crate) mod reply;

use std::time::Instant;

use reqwest::header::{self, HeaderMap, HeaderValue};
use reqwest::{RequestBuilder, Response};
use tracing::Instrument;

use crate::endpoint::Endpoint;
use crate::failure::{Cause, Failure, FailureKind};
use crate::outgoing::{BuildError, Outgoing, Timeouts};
use crate::settings::ClientSettings;
use crate::usage::{Answer, Usage};
use reply::{Reader, Reply};

/// What requests to Instagram leave through: JSON wanted, no redirects, limits set.
pub(crate) fn outgoing(settings: &ClientSettings) -> Result<Outgoing, BuildError> {
    let limits = &settings.limits;
    let timeouts = Timeouts {
        connect: limits.connect,
        read: limits.read,
        total: limits.total,
    };
    let wanted = HeaderMap::from_iter([(header::ACCEPT, HeaderValue::from_static("application/json"))]);
    Outgoing::new(&[&settings.token_url, &settings.graph_url], timeouts, wanted)
}

/// Makes one call and reads its answer.
pub(crate) async fn call<T>(
    endpoint: Endpoint,
    request: RequestBuilder,
    max_body_bytes: usize,
    read: Reader<T>,
) -> Result<Answer<T>, Failure> {
    let span = tracing::debug_span!("instagram.call", instagram.endpoint = endpoint.as_str());
    async {
        let started = Instant::now();
        let result = match send(request, max_body_bytes).await {
            Ok(reply) => reply.interpret(endpoint, read),
            Err(error) => Err(unsent(error)),
        };
        record(endpoint, started, result.as_ref().err());
        result
    }
    .instrument(span)
    .await
}

async fn send(request: RequestBuilder, max_body_bytes: usize) -> Result<Reply, reqwest::Error> {
    let response = request.send().await?;
    Ok(Reply {
        status: response.status().as_u16(),
        usage: Usage::from_headers(response.headers()),
        retry_after: reply::retry_after(response.headers()),
        body: bounded_body(response, max_body_bytes).await,
    })
}

/// Reads no more than the limit, whatever length the answer claims to have.
async fn bounded_body(mut response: Response, limit: usize) -> Result<Vec<u8>, Cause> {
    let mut body = Vec::new();
    while let Some(chunk) = response
        .chunk()
        .await
        .map_err(|error| Cause::Transport(error.without_url()))?
    {
        if chunk.len() > limit.saturating_sub(body.len()) {
            return Err(Cause::TooLarge { limit });
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

fn unsent(error: reqwest::Error) -> Failure {
    let kind = if error.is_builder() {
        FailureKind::OurBug
    } else {
        FailureKind::Retry
    };
    Failure::because(kind, Cause::Transport(error.without_url()))
}

fn record(endpoint: Endpoint, started: Instant, failure: Option<&Failure>) {
    let endpoint = endpoint.as_str();
    let outcome = failure.map_or("ok", Failure::code_word);
    let elapsed = started.elapsed();
    metrics::counter!("vitrine_instagram_calls_total", "endpoint" => endpoint, "outcome" => outcome)
        .increment(1);
    metrics::histogram!("vitrine_instagram_call_duration_seconds", "endpoint" => endpoint).record(elapsed);
    tracing::debug!(
        instagram.outcome = outcome,
        instagram.code = failure.and_then(|failure| failure.code),
        http.status = failure.and_then(|failure| failure.status),
        elapsed_ms = u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX),
        "Instagram call ended"
    );
}
