//! The shortest way to an answer: what is in memory is sent before routes are looked at.
//!
//! It answers only what it can answer rightly and at once. Everything else, and everything that is
//! wrong with a request, goes the long way, which decides.

use super::{
    answer::answer,
    conditional::is_settled,
    cors::{allow_origin, share},
    encoding::wanted,
    rate_limit,
    recall::{Found, Recalled, is_worth_remembering, recall, remember, words_of},
};
use crate::{
    app::App,
    auth::Caller,
    middleware::{RequestId, complete_headers, is_too_long},
};
use actix_web::{
    Error, HttpResponse,
    body::BoxBody,
    dev::{ServiceRequest, ServiceResponse},
    http::{Method, StatusCode, header::HeaderMap},
    middleware::Next,
    web::Data,
};
use metrics::{Counter, Histogram};
use std::time::Instant;
use vitrine_core::{
    feeds::{Ask, Form},
    keys::Scope,
};
use vitrine_entity::{FeedId, api_key::KeyKind};

const FEEDS: &str = "/v1/feeds/";
/// Length of an id as text.
const ID: usize = 36;

/// The forms that are answered so: the end of their address, and their route as metrics name it.
const FORMS: [(&str, Form, &str); 4] = [
    ("/photos", Form::Photos, "/v1/feeds/{feed_id}/photos"),
    ("/feed.json", Form::JsonFeed, "/v1/feeds/{feed_id}/feed.json"),
    ("/feed.rss", Form::Rss, "/v1/feeds/{feed_id}/feed.rss"),
    ("/feed.atom", Form::Atom, "/v1/feeds/{feed_id}/feed.atom"),
];

/// Answers from memory, or passes the request on.
pub(crate) async fn serve_at_hand(
    app: Data<App>,
    request: ServiceRequest,
    next: Next<BoxBody>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let since = Instant::now();
    match answer_at_hand(&app, &request, since) {
        Some((answer, form)) => {
            app.at_hand
                .of(form, request.method(), answer.status())
                .note(since);
            Ok(request.into_response(answer))
        }
        None => next.call(request).await,
    }
}

/// The answer, and which form it has; nothing when it is not at hand.
fn answer_at_hand(app: &App, request: &ServiceRequest, now: Instant) -> Option<(HttpResponse, usize)> {
    let reads = matches!(*request.method(), Method::GET | Method::HEAD);
    if !(reads && request.path().starts_with(FEEDS)) || is_too_long(request.uri()) {
        return None;
    }
    let words = words_of(request)?;
    let most = app.settings.recalled_answers;
    let recalled = recall(&words, now, most);
    let recalled = recalled.and_then(|before| Some((before.answer(app, request)?, before.found.form)));
    if recalled.is_some() {
        return recalled;
    }
    let visit = Visit::of(request)?;
    let (answer, found) = visit.answer(app, request)?;
    if let Some(found) = found
        && answer.status() == StatusCode::OK
        && !found.tally.has_plan()
        && is_worth_remembering(&words)
        && let Some(recalled) = Recalled::new(found, answer.headers(), now)
    {
        remember(words, recalled, most);
    }
    Some((answer, visit.form))
}

/// A request that can be answered so, taken apart.
struct Visit<'a> {
    feed: FeedId,
    form: usize,
    key: &'a str,
    key_in_query: bool,
    limit: Option<u32>,
    cursor: Option<&'a str>,
    media_type: Option<&'a str>,
}

impl<'a> Visit<'a> {
    fn of(request: &'a ServiceRequest) -> Option<Self> {
        let (id, rest) = request.path().strip_prefix(FEEDS)?.split_at_checked(ID)?;
        let form = FORMS.iter().position(|(end, ..)| *end == rest)?;
        let mut visit = Self {
            feed: id.parse().ok()?,
            form,
            key: key_in_headers(request.headers())?,
            key_in_query: false,
            limit: None,
            cursor: None,
            media_type: None,
        };
        visit.read(request.query_string())?;
        (!visit.key.is_empty()).then_some(visit)
    }

    /// Takes plain parameters in; nothing where one is coded, unknown or stands there twice.
    fn read(&mut self, query: &'a str) -> Option<()> {
        if query.bytes().any(|byte| matches!(byte, b'%' | b'+')) {
            return None;
        }
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            match pair.split_once('=')? {
                ("key", key) if self.key.is_empty() => (self.key, self.key_in_query) = (key, true),
                ("limit", limit) if self.limit.is_none() => self.limit = Some(limit.parse().ok()?),
                ("cursor", cursor) if self.cursor.is_none() => self.cursor = Some(cursor),
                ("type", word) if self.media_type.is_none() => self.media_type = Some(word),
                _ => return None,
            }
        }
        Some(())
    }

    fn ask(&self) -> Ask {
        let form = FORMS[self.form].1.clone();
        let linked = self.key_in_query && form != Form::Photos;
        Ask {
            form,
            limit: self.limit,
            cursor: self.cursor.map(str::to_owned),
            before: None,
            media_type: self.media_type.map(str::to_owned),
            key_in_links: linked.then(|| self.key.to_owned()),
        }
    }

    /// The answer, and what was found for it, where the answer stays what it is.
    fn answer(&self, app: &App, request: &ServiceRequest) -> Option<(HttpResponse, Option<Found>)> {
        let at_hand = app.api_keys.at_hand(self.key)?;
        let key = at_hand.caller();
        let shown = !self.key_in_query || key.kind == KeyKind::Publishable;
        if !shown || !key.scopes.contains(&Scope::FeedsRead) {
            return None;
        }
        let (caller, headers) = (Caller::Key(key.clone()), request.headers());
        let encoding = wanted(headers)?;
        let served = app
            .feed_reader
            .at_hand(caller.tenant(), self.feed, self.ask(), encoding)?;
        let lists = [caller.allowed_origins(), served.allowed_origins()];
        let origin = allow_origin(headers, &lists).ok()?;
        let tally = app.traffic.tally(caller.payer(), caller.tenant());
        let allowance = app.traffic.take_from(&tally)?;
        let now = app.clock.now();
        let mut answer = answer(request.request(), &served, origin, &allowance, now);
        share(answer.headers_mut(), false);
        rate_limit::tell(answer.headers_mut(), &allowance);
        complete_headers(
            answer.headers_mut(),
            &RequestId::of(headers),
            app.settings.is_over_tls(),
        );
        let found = is_settled(served.last_modified(), now).then(|| Found {
            served: served.before(),
            key: at_hand,
            tally,
            form: self.form,
        });
        Some((answer, found))
    }
}

/// The key of `X-Api-Key`; empty when there is none, nothing when it is no text.
fn key_in_headers(headers: &HeaderMap) -> Option<&str> {
    match headers.get("X-Api-Key") {
        None => Some(""),
        Some(value) => value.to_str().ok().filter(|key| !key.is_empty()),
    }
}

/// Metrics of answers that were at hand, looked up once: they are the same that every answer has.
pub struct AtHand(Vec<Counted>);

struct Counted {
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

    fn note(&self, since: Instant) {
        self.requests.increment(1);
        self.seconds.record(since.elapsed().as_secs_f64());
    }
}

const METHODS: [&str; 2] = ["GET", "HEAD"];
const STATUSES: [&str; 2] = ["200", "304"];

impl AtHand {
    /// Metrics that count with the recorder of this process, which has to be there before.
    #[must_use]
    pub fn new() -> Self {
        let of_route = |(_, _, route): &(&str, Form, &'static str)| {
            let route = *route;
            METHODS.into_iter().flat_map(move |method| {
                STATUSES
                    .into_iter()
                    .map(move |status| Counted::new(route, method, status))
            })
        };
        Self(FORMS.iter().flat_map(of_route).collect())
    }

    fn of(&self, form: usize, method: &Method, status: StatusCode) -> &Counted {
        let head = usize::from(*method == Method::HEAD);
        let unchanged = usize::from(status == StatusCode::NOT_MODIFIED);
        &self.0[(form * METHODS.len() + head) * STATUSES.len() + unchanged]
    }
}

impl Default for AtHand {
    fn default() -> Self {
        Self::new()
    }
}
