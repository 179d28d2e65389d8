//! The outermost layer: every request gets an id, one line in the log, a count and a complete
//! answer, also when its handler fails or panics.

mod log_throttle;
mod observer;
mod route;
mod seen;
mod trace;

use super::{backpressure::admitted, head_only::head_as_get, request_id::RequestId};
use crate::http::{auth::caller_of, problem::Problem};
use actix_web::{
    Error, HttpRequest,
    body::BoxBody,
    dev::{ServiceRequest, ServiceResponse},
    http::StatusCode,
    middleware::Next,
};
use futures::FutureExt;
pub(crate) use observer::Observer;
#[cfg(test)]
pub(crate) use route::plain;
use seen::Seen;
use std::{panic::AssertUnwindSafe, sync::Arc};
use tracing::Instrument;

/// Runs the request inside an id, a timer and a net for panics.
pub(crate) async fn observe(
    observer: Arc<Observer>,
    mut request: ServiceRequest,
    next: Next<BoxBody>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let mut seen = Seen::of(&request, observer);
    seen.id.mark(&request);
    let span = tracing::info_span!(
        "request",
        request.id = seen.id.as_str(),
        trace.id = seen.trace_id()
    );
    head_as_get(&mut request);
    let outcome = AssertUnwindSafe(async { next.call(request).instrument(span).await })
        .catch_unwind()
        .await;
    match outcome.unwrap_or_else(|_| Err(Problem::internal(Panicked).into())) {
        Ok(answer) => {
            let (request, response) = answer.into_parts();
            let response = admitted(&seen.observer.app, &seen.method, &request, response);
            seen.caller = caller_of(&request);
            record_caller(&seen.id, &request, response.status());
            Ok(ServiceResponse::new(request, seen.complete(response)))
        }
        Err(error) => Err(seen.complete_error(error)),
    }
}

/// Of what was refused, the log says who asked.
fn record_caller(id: &RequestId, request: &HttpRequest, status: StatusCode) {
    if !status.is_client_error() {
        return;
    }
    if let Some(caller) = caller_of(request) {
        tracing::info!(
            request.id = id.as_str(), tenant.id = %caller.tenant(), actor = ?caller.actor(),
            http.status = status.as_u16(), "request refused"
        );
    }
}

/// The panic's own words are left to the panic hook: they may quote what the handler held.
#[derive(Debug, thiserror::Error)]
#[error("the handler panicked")]
struct Panicked;
