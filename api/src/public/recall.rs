//! Requests that were just answered, remembered by each thread for a moment.
//!
//! A page that many look at is asked for again and again with the same words. Whoever asks in the same
//! words within a second gets the same answer without the key being hashed and the feed being looked
//! up again; what may change with every request (the limit, the age, what the client has already) is
//! looked at each time.

use super::{conditional::is_fresh, rate_limit};
use crate::{app::App, middleware::RequestId};
use actix_web::{
    HttpResponse,
    dev::ServiceRequest,
    http::header::{
        ACCEPT_ENCODING, AGE, AUTHORIZATION, CONTENT_ENCODING, CONTENT_TYPE, HeaderMap, HeaderName,
        HeaderValue, ORIGIN,
    },
};
use std::{
    cell::RefCell,
    collections::HashMap,
    rc::Rc,
    time::{Duration, Instant},
};
use vitrine_core::{clock::until, feeds::Served, traffic::Tally};
use vitrine_entity::Time;

/// How long an answer is remembered: what bounds how long a change that came from elsewhere, such as a
/// revoked key, goes unnoticed here on top of what keys and feeds in memory allow.
const REMEMBERED: Duration = Duration::from_secs(1);
/// Answers that a thread remembers.
const MOST: usize = 512;

const X_API_KEY: HeaderName = HeaderName::from_static("x-api-key");

/// Headers that differ from answer to answer.
const CHANGING: [&str; 4] = ["age", "ratelimit", "ratelimit-policy", "x-request-id"];

/// An answer that was just given.
pub(super) struct Recalled {
    until: Instant,
    /// What the memories of keys and feeds were at when it was found right.
    epochs: (u64, u64),
    pub(super) found: Found,
    /// Headers that are the same each time.
    headers: Vec<(HeaderName, HeaderValue)>,
}

/// What was found for a request.
pub(super) struct Found {
    pub(super) served: Served,
    pub(super) tally: Tally,
    /// When the key ends by itself.
    pub(super) expires_at: Option<Time>,
    /// Which form it is, for the metrics.
    pub(super) form: usize,
}

impl Recalled {
    /// What was answered with 200 and these headers.
    pub(super) fn new(epochs: (u64, u64), found: Found, headers: &HeaderMap) -> Rc<Self> {
        let same = headers
            .iter()
            .filter(|(name, _)| !CHANGING.contains(&name.as_str()));
        Rc::new(Self {
            until: Instant::now() + REMEMBERED,
            epochs,
            found,
            headers: same.map(|(name, value)| (name.clone(), value.clone())).collect(),
        })
    }

    /// The answer once more; nothing when the key may ask for nothing more without waiting.
    pub(super) fn answer(&self, app: &App, request: &ServiceRequest) -> Option<HttpResponse> {
        let (now, served) = (app.clock.now(), &self.found.served);
        if self.found.expires_at.is_some_and(|end| end <= now) {
            return None;
        }
        let allowance = app.traffic.take_from(&self.found.tally)?;
        let unchanged = is_fresh(request.request(), served.etag(), served.last_modified());
        let mut answer = match unchanged {
            true => HttpResponse::NotModified().finish(),
            false => HttpResponse::Ok().body(served.body()),
        };
        let headers = answer.headers_mut();
        let about_the_body = |name: &HeaderName| name == CONTENT_TYPE || name == CONTENT_ENCODING;
        for (name, value) in &self.headers {
            if !(unchanged && about_the_body(name)) {
                headers.insert(name.clone(), value.clone());
            }
        }
        headers.insert(AGE, until(served.checked_at(), now).as_secs().into());
        rate_limit::tell(headers, &allowance);
        RequestId::of(request.headers()).tell(headers);
        Some(answer)
    }
}

thread_local! {
    static RECALLED: RefCell<HashMap<Vec<u8>, Rc<Recalled>, foldhash::fast::RandomState>> = RefCell::default();
}

/// The words of a request: everything that the answer depends on but for what is looked at each time.
/// None for a request with credentials that are not a key.
pub(super) fn words_of(request: &ServiceRequest) -> Option<Vec<u8>> {
    let headers = request.headers();
    if headers.contains_key(AUTHORIZATION) {
        return None;
    }
    let address = request.uri().path_and_query()?.as_str();
    let mut words = Vec::with_capacity(address.len() + 96);
    words.extend_from_slice(address.as_bytes());
    for name in [X_API_KEY, ACCEPT_ENCODING, ORIGIN] {
        // No header holds a line end, so that no two requests run together.
        words.push(b'\n');
        for value in headers.get_all(name) {
            words.push(b'\n');
            words.extend_from_slice(value.as_bytes());
        }
    }
    Some(words)
}

/// The answer to these words, if it was given within the last second and nothing changed since.
pub(super) fn recall(words: &[u8], epochs: (u64, u64), now: Instant) -> Option<Rc<Recalled>> {
    RECALLED.with_borrow(|recalled| {
        let found = recalled.get(words)?;
        (found.until > now && found.epochs == epochs).then(|| Rc::clone(found))
    })
}

/// Remembers an answer; when there are too many, those that are over make room, or all.
pub(super) fn remember(words: Vec<u8>, answer: Rc<Recalled>) {
    RECALLED.with_borrow_mut(|recalled| {
        if recalled.len() >= MOST {
            let now = Instant::now();
            recalled.retain(|_, answer| answer.until > now);
        }
        if recalled.len() >= MOST {
            recalled.clear();
        }
        recalled.insert(words, answer);
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;

    fn words(address: &str, headers: &[(&'static str, &'static str)]) -> Option<Vec<u8>> {
        let request = TestRequest::with_uri(address);
        let request = headers
            .iter()
            .fold(request, |request, header| request.append_header(*header));
        words_of(&request.to_srv_request())
    }

    #[test]
    fn requests_that_could_be_answered_otherwise_have_other_words() {
        let requests = [
            words("/a", &[]),
            words("/a?b", &[]),
            words("/a", &[("x-api-key", "k")]),
            words("/a", &[("x-api-key", "")]),
            words("/a", &[("accept-encoding", "br")]),
            words(
                "/a",
                &[("accept-encoding", "br"), ("accept-encoding", "gzip;q=0")],
            ),
            words("/a", &[("origin", "br")]),
            words("/a", &[("x-api-key", "k"), ("origin", "br")]),
        ];

        let different: std::collections::HashSet<_> = requests.iter().flatten().collect();
        assert_eq!(different.len(), requests.len());
        assert_eq!(words("/a", &[("user-agent", "x")]), words("/a", &[]));
        assert_eq!(words("/a", &[("authorization", "Bearer x")]), None);
    }
}
