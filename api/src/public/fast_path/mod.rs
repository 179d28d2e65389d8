//! The shortest way to an answer: what is in memory is sent before the application sees the request.
//!
//! It answers only what it can answer rightly and at once. Everything else, and everything that is
//! wrong with a request, goes the long way, which decides.

mod counters;
mod parsed_request;

use super::response_cache::{Recalled, is_worth_remembering, recall, remember, words_of};
use crate::{
    app::App,
    middleware::is_too_long,
    server::{Attended, Line, is_long},
};
use actix_http::{ConnectionType, Request};
use actix_web::{
    Error, HttpMessage,
    body::BoxBody,
    dev::{Response, Service, ServiceResponse, Transform, forward_ready},
    http::{Method, StatusCode},
    web::Data,
};
pub use counters::AtHand;
use futures::{
    FutureExt,
    future::{Either, LocalBoxFuture, Ready, ready},
};
use parsed_request::Visit;
use std::{rc::Rc, time::Instant};
use vitrine_feeds::Form;

const FEEDS: &str = "/v1/feeds/";

/// The forms that are answered so: the end of their address, and their route as metrics name it.
const FORMS: [(&str, Form, &str); 4] = [
    ("/photos", Form::Photos, "/v1/feeds/{feed_id}/photos"),
    ("/feed.json", Form::JsonFeed, "/v1/feeds/{feed_id}/feed.json"),
    ("/feed.rss", Form::Rss, "/v1/feeds/{feed_id}/feed.rss"),
    ("/feed.atom", Form::Atom, "/v1/feeds/{feed_id}/feed.atom"),
];

/// Answers from memory in front of an application, for [`actix_service::apply`]: routing and layers take
/// longer than such an answer.
pub(crate) struct AtHandFirst(pub(crate) Data<App>);

impl<S> Transform<S, Request> for AtHandFirst
where
    S: Service<Request, Response = ServiceResponse<BoxBody>, Error = Error>,
    S::Future: 'static,
{
    type Response = Response<BoxBody>;
    type Error = Error;
    type Transform = InFront<S>;
    type InitError = ();
    type Future = Ready<Result<InFront<S>, ()>>;

    fn new_transform(&self, behind: S) -> Self::Future {
        let app = self.0.clone();
        ready(Ok(InFront { app, behind }))
    }
}

/// An application with answers from memory in front of it.
pub(crate) struct InFront<S> {
    app: Data<App>,
    behind: S,
}

type Answered = Ready<Result<Response<BoxBody>, Error>>;
type PassedOn = LocalBoxFuture<'static, Result<Response<BoxBody>, Error>>;

impl<S> Service<Request> for InFront<S>
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
        let at_hand = answer_at_hand(&self.app, &request, since);
        match at_hand.and_then(|(answer, form)| Some((admitted(&self.app, &request, answer)?, form))) {
            Some((mut answer, form)) => {
                if self.app.stop.has_begun() {
                    answer.head_mut().set_connection_type(ConnectionType::Close);
                }
                let counted = self.app.at_hand.of(form, request.method(), answer.status());
                counted.note(since);
                Either::Left(ready(Ok(answer)))
            }
            None => {
                let attended = Attended::begin(&self.app, &mut request);
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
    Some(answer.set_body(app.unsent.admit(body, request.conn_data::<Rc<Line>>())?))
}

/// The answer, and which form it has; nothing when it is not at hand.
fn answer_at_hand(app: &App, request: &Request, now: Instant) -> Option<(Response<BoxBody>, usize)> {
    let reads = matches!(*request.method(), Method::GET | Method::HEAD);
    if !(reads && request.path().starts_with(FEEDS)) || is_too_long(request.uri()) || !has_its_end(request) {
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
    Some((answer.into(), visit.form))
}
