//! The outermost layer: every request gets an id, one line in the log, a count and a complete
//! answer, also when its handler fails or panics.

mod log_throttle;
mod trace;

use super::{backpressure::admitted, head_only::head_as_get, headers, request_id::RequestId};
use crate::{
    app::App,
    http::{
        auth::{Caller, caller_of},
        client_info::client_address,
        problem::{Problem, ProblemContext, ProblemFormat, problem_of, with_instance},
    },
};
use actix_web::{
    Error, HttpRequest, HttpResponse,
    body::BoxBody,
    dev::{ServiceRequest, ServiceResponse},
    http::{Method, StatusCode},
    middleware::Next,
    web::Data,
};
use futures::FutureExt;
use log_throttle::{LogThrottle, Report};
use std::{
    net::IpAddr,
    panic::AssertUnwindSafe,
    sync::Arc,
    time::{Duration, Instant},
};
use trace::Trace;
use tracing::{Instrument, field};

/// What the outermost layer keeps between requests.
pub(crate) struct Observer {
    app: Data<App>,
    problem_format: fn(&ServiceRequest) -> ProblemFormat,
    log_throttle: LogThrottle,
}

impl Observer {
    /// Nothing was seen yet; `problem_format` says how the problems of a request are told.
    pub(crate) fn new(app: Data<App>, problem_format: fn(&ServiceRequest) -> ProblemFormat) -> Self {
        Self {
            app,
            problem_format,
            log_throttle: LogThrottle::default(),
        }
    }
}

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

/// What is known of a request before it is handled.
struct Seen {
    id: RequestId,
    method: Method,
    route: String,
    problem_format: ProblemFormat,
    since: Instant,
    client: Option<IpAddr>,
    trace: Option<Trace>,
    caller: Option<Caller>,
    observer: Arc<Observer>,
}

impl Seen {
    fn of(request: &ServiceRequest, observer: Arc<Observer>) -> Self {
        Self {
            client: client_address(request.request(), &observer.app),
            trace: Trace::of(request.headers()),
            caller: None,
            id: RequestId::of(request.headers()),
            method: request.method().clone(),
            route: request
                .resource_map()
                .match_pattern(request.path())
                .map_or_else(|| "unmatched".to_owned(), |pattern| plain(&pattern)),
            problem_format: (observer.problem_format)(request),
            since: Instant::now(),
            observer,
        }
    }

    fn complete(&self, response: HttpResponse) -> HttpResponse {
        let app = &self.observer.app;
        let (problem, path) = (problem_of(&response), app.settings.path());
        let told = ProblemContext {
            instance: Some(self.id.as_str()),
            path,
        };
        let mut response = match &problem {
            Some(problem) => with_instance(response, problem, self.problem_format, told, app.clock.now()),
            None => response,
        };
        headers::lead_below(response.headers_mut(), path);
        headers::complete(response.headers_mut(), &self.id, app.settings.is_over_tls());
        self.record(response.status(), problem.as_ref());
        response
    }

    /// An error has lost its request, so its answer is completed when it is made.
    fn complete_error(self, mut error: Error) -> Error {
        error.add_response_mapper(move |response| self.complete(response));
        error
    }

    fn record(&self, status: StatusCode, problem: Option<&Problem>) {
        let duration = self.since.elapsed();
        let method = known_method(&self.method);
        if let Some(cause) = problem.and_then(Problem::cause_chain) {
            self.log_failure(&cause);
        }
        self.log(method, status, duration);
        let labels = [
            ("method", method.to_owned()),
            ("route", self.route.clone()),
            ("status", status.as_str().to_owned()),
        ];
        metrics::counter!("vitrine_http_requests_total", &labels).increment(1);
        metrics::histogram!("vitrine_http_request_duration_seconds", &labels).record(duration.as_secs_f64());
    }
}

impl Seen {
    fn trace_id(&self) -> Option<&str> {
        self.trace.as_ref().map(|trace| trace.id.as_str())
    }

    /// One line a second for the same failure: a full disk would else be filled by what is said of it.
    fn log_failure(&self, cause: &str) {
        let throttle = &self.observer.log_throttle;
        let Report::After { untold } = throttle.record(&self.route, cause, Instant::now()) else {
            return;
        };
        tracing::error!(
            request.id = self.id.as_str(),
            trace.id = self.trace_id(),
            http.route = self.route,
            error = cause,
            same_before = untold,
            "request failed"
        );
    }

    /// One line for each request.
    fn log(&self, method: &str, status: StatusCode, duration: Duration) {
        let caller = self.caller.as_ref();
        tracing::info!(
            request.id = self.id.as_str(),
            trace.id = self.trace_id(),
            trace.parent_span = self.trace.as_ref().map(|trace| trace.span.as_str()),
            client.address = self.client.map(field::display),
            tenant.id = caller.map(|caller| field::display(caller.tenant())),
            key.id = caller.and_then(Caller::key).map(field::display),
            user.id = caller.and_then(Caller::user).map(field::display),
            http.method = method,
            http.route = self.route,
            http.status = status.as_u16(),
            duration_ms = duration.as_secs_f64() * 1_000.0,
            "request handled"
        );
    }
}

/// A slash that an address may end with.
const OPTIONAL_SLASH: &str = "{slash}";

/// A route without the expressions that its parameters match, without a slash that may be left out, and without what
/// only empty scopes add.
pub(crate) fn plain(pattern: &str) -> String {
    let mut route = String::with_capacity(pattern.len());
    let mut depth = 0_u32;
    let mut in_expression = false;
    for letter in pattern.chars() {
        match letter {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            ':' if depth == 1 => in_expression = true,
            _ => {}
        }
        if depth == 0 {
            in_expression = false;
        }
        let doubled = letter == '/' && route.ends_with('/');
        if !in_expression && !doubled {
            route.push(letter);
        }
    }
    route.replace(OPTIONAL_SLASH, "")
}

/// Methods by name; invented ones share a label, so that nobody can fill the metrics.
fn known_method(method: &Method) -> &'static str {
    match method.as_str() {
        "GET" => "GET",
        "HEAD" => "HEAD",
        "POST" => "POST",
        "PUT" => "PUT",
        "PATCH" => "PATCH",
        "DELETE" => "DELETE",
        "OPTIONS" => "OPTIONS",
        _ => "OTHER",
    }
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn routes_are_told_without_expressions() {
        for (pattern, route) in [
            ("/v1/feeds/{feed_id}/photos", "/v1/feeds/{feed_id}/photos"),
            ("/docs/{file:.*}", "/docs/{file}"),
            ("/graph/{version:v[0-9]{1,2}}/me", "/graph/{version}/me"),
            ("/graph/me{slash:/?}", "/graph/me"),
            ("//metrics", "/metrics"),
        ] {
            assert_eq!(plain(pattern), route);
        }
    }
}
