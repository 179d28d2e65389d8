//! The shortest way to an answer: what is in memory is sent before the application sees the request.
//!
//! It answers only what it can answer rightly and at once. Everything else, and everything that is
//! wrong with a request, goes the long way, which decides.

mod counters;
mod parsed_request;

use super::response_cache::{CachedResponse, cache_key, is_cacheable, lookup, store};
use crate::{
    app::App,
    http::middleware::is_too_long,
    transport::{Connection, RequestGuard, is_long},
};
use actix_http::{ConnectionType, Request};
use actix_web::{
    Error, HttpMessage,
    body::BoxBody,
    dev::{Response, Service, ServiceResponse, Transform, forward_ready},
    http::{Method, StatusCode},
    web::Data,
};
use counters::FastPathMetrics;
use futures::{
    FutureExt,
    future::{Either, LocalBoxFuture, Ready, ready},
};
use parsed_request::ParsedRequest;
use std::{rc::Rc, sync::Arc, time::Instant};
use vitrine_feeds::FeedFormat;

const FEEDS: &str = "/v1/feeds/";

/// The forms that are answered so: the end of their address, and their route as metrics name it.
const FORMS: [(&str, FeedFormat, &str); 4] = [
    ("/photos", FeedFormat::Photos, "/v1/feeds/{feed_id}/photos"),
    (
        "/feed.json",
        FeedFormat::JsonFeed,
        "/v1/feeds/{feed_id}/feed.json",
    ),
    ("/feed.rss", FeedFormat::Rss, "/v1/feeds/{feed_id}/feed.rss"),
    ("/feed.atom", FeedFormat::Atom, "/v1/feeds/{feed_id}/feed.atom"),
];

/// Answers from memory in front of an application, for [`actix_service::apply`]: routing and layers take
/// longer than such an answer.
#[derive(Clone)]
pub(crate) struct FastPath {
    app: Data<App>,
    metrics: Arc<FastPathMetrics>,
}

impl FastPath {
    /// Answers of this app, counted with the recorder of this process, which has to be there before.
    pub(crate) fn new(app: Data<App>) -> Self {
        let metrics = Arc::new(FastPathMetrics::new());
        Self { app, metrics }
    }
}

impl<S> Transform<S, Request> for FastPath
where
    S: Service<Request, Response = ServiceResponse<BoxBody>, Error = Error>,
    S::Future: 'static,
{
    type Response = Response<BoxBody>;
    type Error = Error;
    type Transform = FastPathService<S>;
    type InitError = ();
    type Future = Ready<Result<FastPathService<S>, ()>>;

    fn new_transform(&self, behind: S) -> Self::Future {
        let path = self.clone();
        ready(Ok(FastPathService { path, behind }))
    }
}

/// An application with answers from memory in front of it.
pub(crate) struct FastPathService<S> {
    path: FastPath,
    behind: S,
}

type Answered = Ready<Result<Response<BoxBody>, Error>>;
type PassedOn = LocalBoxFuture<'static, Result<Response<BoxBody>, Error>>;

impl<S> Service<Request> for FastPathService<S>
where
    S: Service<Request, Response = ServiceResponse<BoxBody>, Error = Error>,
    S::Future: 'static,
{
    type Response = Response<BoxBody>;
    type Error = Error;
    type Future = Either<Answered, PassedOn>;

    forward_ready!(behind);

    fn call(&self, mut request: Request) -> Self::Future {
        let since = Instant::now();
        let FastPath { app, metrics } = &self.path;
        let quick = answer_from_cache(app, &request, since);
        match quick.and_then(|(answer, form)| Some((admitted(app, &request, answer)?, form))) {
            Some((mut answer, form)) => {
                if app.stop.has_begun() {
                    answer.head_mut().set_connection_type(ConnectionType::Close);
                }
                metrics.of(form, request.method(), answer.status()).note(since);
                Either::Left(ready(Ok(answer)))
            }
            None => {
                let attended = RequestGuard::begin(&app.in_flight, &app.stop, &mut request);
                Either::Right(attended.answered(self.behind.call(request)).boxed_local())
            }
        }
    }
}

/// Whether the body, if there is one, has a known length: one in chunks may never end.
fn has_its_end(request: &Request) -> bool {
    request.chunked().is_ok_and(|chunked| !chunked)
}

/// The answer as it may be sent; nothing where too much is unsent already, which the long way says.
fn admitted(app: &App, request: &Request, answer: Response<BoxBody>) -> Option<Response<BoxBody>> {
    if !is_long(answer.body()) {
        return Some(answer);
    }
    let (answer, body) = answer.into_parts();
    Some(answer.set_body(app.unsent.admit(body, request.conn_data::<Rc<Connection>>())?))
}

/// The answer, and which form it has; nothing when it is not at hand.
fn answer_from_cache(app: &App, request: &Request, now: Instant) -> Option<(Response<BoxBody>, usize)> {
    let reads = matches!(*request.method(), Method::GET | Method::HEAD);
    if !(reads && request.path().starts_with(FEEDS)) || is_too_long(request.uri()) || !has_its_end(request) {
        return None;
    }
    let request_key = cache_key(request)?;
    let most = app.settings.cached_responses;
    let recalled = lookup(&request_key, now, most);
    let recalled = recalled.and_then(|before| Some((before.answer(app, request)?, before.found.form)));
    if recalled.is_some() {
        return recalled;
    }
    let parsed = ParsedRequest::of(request)?;
    let (answer, found) = parsed.answer(app, request)?;
    if let Some(found) = found
        && answer.status() == StatusCode::OK
        && !found.counter.has_plan()
        && is_cacheable(&request_key)
        && let Some(recalled) = CachedResponse::new(found, answer.headers(), now)
    {
        store(request_key, recalled, most);
    }
    Some((answer.into(), parsed.form))
}
