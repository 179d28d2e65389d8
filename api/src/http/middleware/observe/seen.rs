//! What is known of a request, and what is reported of it once it is answered.

use super::{
    super::{headers, request_id::RequestId},
    log_throttle::Report,
    observer::Observer,
    route::{known_method, plain},
    trace::Trace,
};
use crate::http::{
    auth::Caller,
    client_info::client_address,
    problem::{Problem, ProblemContext, ProblemFormat, problem_of, with_instance},
};
use actix_web::{
    Error, HttpResponse,
    dev::ServiceRequest,
    http::{Method, StatusCode},
};
use std::{
    net::IpAddr,
    sync::Arc,
    time::{Duration, Instant},
};
use tracing::field;

/// What is known of a request before it is handled.
pub(super) struct Seen {
    pub(super) id: RequestId,
    pub(super) method: Method,
    route: String,
    problem_format: ProblemFormat,
    since: Instant,
    client: Option<IpAddr>,
    trace: Option<Trace>,
    pub(super) caller: Option<Caller>,
    pub(super) observer: Arc<Observer>,
}

impl Seen {
    pub(super) fn of(request: &ServiceRequest, observer: Arc<Observer>) -> Self {
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

    pub(super) fn complete(&self, response: HttpResponse) -> HttpResponse {
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
    pub(super) fn complete_error(self, mut error: Error) -> Error {
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
    pub(super) fn trace_id(&self) -> Option<&str> {
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
