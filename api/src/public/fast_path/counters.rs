//! Metrics of answers that were at hand.

use super::FORMS;
use actix_web::http::{Method, StatusCode};
use metrics::{Counter, Histogram};
use std::time::Instant;
use vitrine_feeds::FeedFormat;

/// Metrics of answers that were at hand, looked up once: they are the same that every answer has.
pub(super) struct FastPathMetrics(Vec<Counted>);

pub(super) struct Counted {
    requests: Counter,
    seconds: Histogram,
}

impl Counted {
    fn new(route: &'static str, method: &'static str, status: &'static str) -> Self {
        let labels = [("method", method), ("route", route), ("status", status)];
        Self {
            requests: metrics::counter!("vitrine_http_requests_total", &labels),
            seconds: metrics::histogram!("vitrine_http_request_duration_seconds", &labels),
        }
    }

    pub(super) fn note(&self, since: Instant) {
        self.requests.increment(1);
        self.seconds.record(since.elapsed().as_secs_f64());
    }
}

const METHODS: [&str; 2] = ["GET", "HEAD"];
const STATUSES: [&str; 2] = ["200", "304"];

impl FastPathMetrics {
    /// Metrics that count with the recorder of this process, which has to be there before.
    pub(super) fn new() -> Self {
        let of_route = |(_, _, route): &(&str, FeedFormat, &'static str)| {
            let route = *route;
            METHODS.into_iter().flat_map(move |method| {
                STATUSES
                    .into_iter()
                    .map(move |status| Counted::new(route, method, status))
            })
        };
        Self(FORMS.iter().flat_map(of_route).collect())
    }

    pub(super) fn of(&self, form: usize, method: &Method, status: StatusCode) -> &Counted {
        let head = usize::from(*method == Method::HEAD);
        let unchanged = usize::from(status == StatusCode::NOT_MODIFIED);
        &self.0[(form * METHODS.len() + head) * STATUSES.len() + unchanged]
    }
}
