//! Requests that were answered lately, remembered by each thread.
//!
//! A page that people look at is asked for again and again with the same words. Whoever asks in the same
//! words gets the same answer without the key being hashed and the feed being looked up again. Whether key
//! and feed are still what they were, what may be asked for, the age, and what the client has already are
//! looked at each time.

use super::generational_cache::GenerationalCache;
use crate::{
    app::App,
    http::{middleware::RequestId, rate_limit_headers, representation::conditional::is_fresh},
};
use actix_http::Request;
use actix_web::{
    HttpMessage,
    body::BoxBody,
    dev::Response,
    http::{
        StatusCode,
        header::{
            ACCEPT_ENCODING, AGE, AUTHORIZATION, CONTENT_ENCODING, CONTENT_TYPE, ETAG, HeaderMap, HeaderName,
            HeaderValue, LAST_MODIFIED, ORIGIN,
        },
    },
};
use std::{
    cell::RefCell,
    rc::Rc,
    time::{Duration, Instant},
};
use vitrine_feeds::{WeakFeedResponse, keys::CachedKey};
use vitrine_limits::traffic::KeyCounter;

/// How long an answer is remembered. It stays right for longer: this is how often the memories of keys and
/// feeds, which drop what nobody asks them for, learn that it is wanted.
const TIME_TO_LIVE: Duration = Duration::from_secs(30);

/// Bytes of the longest words that are remembered.
const MAX_KEY_BYTES: usize = 1_024;

const X_API_KEY: HeaderName = HeaderName::from_static("x-api-key");

/// Headers that differ from answer to answer.
const CHANGING: [HeaderName; 3] = [
    AGE,
    HeaderName::from_static("ratelimit"),
    HeaderName::from_static("x-request-id"),
];
/// Sets of headers that a thread has answers to point at; feeds differ in little but their tags and dates.
const MOST_COMMON: usize = 32;

/// An answer that was given lately.
pub(super) struct CachedResponse {
    until: Instant,
    pub(super) found: ResolvedRequest,
    etag: HeaderValue,
    last_modified: HeaderValue,
    common: Rc<Headers>,
}

/// Headers that are the same each time and for many feeds, in the order of their names.
type Headers = Vec<(HeaderName, HeaderValue)>;

/// What was found for a request.
pub(super) struct ResolvedRequest {
    pub(super) served: WeakFeedResponse,
    pub(super) key: CachedKey,
    pub(super) counter: KeyCounter,
    /// Which form it is, for the metrics.
    pub(super) form: usize,
}

impl CachedResponse {
    /// What was answered with 200 and these headers to a key whose plan ends nowhere; nothing where they are not
    /// those of a feed.
    pub(super) fn new(found: ResolvedRequest, headers: &HeaderMap, now: Instant) -> Option<Rc<Self>> {
        let (etag, last_modified) = (headers.get(ETAG)?.clone(), headers.get(LAST_MODIFIED)?.clone());
        let changing = |name: &HeaderName| CHANGING.contains(name) || [ETAG, LAST_MODIFIED].contains(name);
        let same = headers.iter().filter(|(name, _)| !changing(name));
        Some(Rc::new(Self {
            until: now + TIME_TO_LIVE,
            found,
            etag,
            last_modified,
            common: common(same.map(|(name, value)| (name.clone(), value.clone())).collect()),
        }))
    }

    /// The answer once more; nothing when something is no longer what it was, or the key may ask for nothing
    /// more without waiting.
    pub(super) fn answer(&self, app: &App, request: &Request) -> Option<Response<BoxBody>> {
        let served = app.feed_reader.serve_again(&self.found.served)?;
        if !app.api_keys.is_still_cached(&self.found.key) {
            return None;
        }
        let allowance = app.traffic.take_from(&self.found.counter)?;
        let unchanged = is_fresh(request, served.etag(), served.last_modified());
        let mut answer = match unchanged {
            true => Response::with_body(StatusCode::NOT_MODIFIED, BoxBody::new(())),
            false => Response::with_body(StatusCode::OK, BoxBody::new(served.body())),
        };
        let headers = answer.headers_mut();
        let about_the_body = |name: &HeaderName| name == CONTENT_TYPE || name == CONTENT_ENCODING;
        for (name, value) in self.common.iter() {
            if !(unchanged && about_the_body(name)) {
                headers.insert(name.clone(), value.clone());
            }
        }
        headers.insert(ETAG, self.etag.clone());
        headers.insert(LAST_MODIFIED, self.last_modified.clone());
        headers.insert(AGE, served.age(app.clock.now()).as_secs().into());
        rate_limit_headers::insert_remaining(headers, &allowance);
        RequestId::of(request.headers()).tell_last(headers);
        Some(answer)
    }
}

thread_local! {
    static ANSWERS: RefCell<GenerationalCache<Rc<CachedResponse>>> = RefCell::default();
    static COMMON: RefCell<Vec<Rc<Headers>>> = const { RefCell::new(Vec::new()) };
}

/// The same headers as other answers of this thread point at, where there are some: what all answers share stays
/// near the processor.
fn common(mut headers: Headers) -> Rc<Headers> {
    headers.sort_unstable_by(|(one, _), (other, _)| one.as_str().cmp(other.as_str()));
    COMMON.with_borrow_mut(|known| {
        if let Some(same) = known.iter().find(|same| ***same == headers) {
            return Rc::clone(same);
        }
        if known.len() >= MOST_COMMON {
            known.clear();
        }
        let new = Rc::new(headers);
        known.push(Rc::clone(&new));
        new
    })
}

/// The words of a request: everything that the answer depends on but for what is looked at each time.
/// None for a request with credentials that are not a key.
pub(super) fn cache_key(request: &Request) -> Option<Vec<u8>> {
    let headers = request.headers();
    if headers.contains_key(AUTHORIZATION) {
        return None;
    }
    let address = request.uri().path_and_query()?.as_str();
    let mut request_key = Vec::with_capacity(address.len() + 96);
    request_key.extend_from_slice(address.as_bytes());
    for name in [X_API_KEY, ACCEPT_ENCODING, ORIGIN] {
        // No header holds these characters, so that no two requests run together.
        request_key.push(b'\n');
        for value in headers.get_all(name) {
            request_key.push(b'\r');
            request_key.extend_from_slice(value.as_bytes());
        }
    }
    Some(request_key)
}

/// Whether so many words are worth their memory: what browsers and programs send is below half of it, and
/// strangers could send anything.
pub(super) fn is_cacheable(request_key: &[u8]) -> bool {
    request_key.len() <= MAX_KEY_BYTES
}

/// The answer to these words, if it was given lately. A thread remembers at most `most` answers.
pub(super) fn lookup(request_key: &[u8], now: Instant, most: usize) -> Option<Rc<CachedResponse>> {
    let found = ANSWERS.with_borrow_mut(|answers| answers.get(request_key, most));
    found.filter(|found| found.until > now)
}

/// Remembers an answer.
pub(super) fn store(request_key: Vec<u8>, answer: Rc<CachedResponse>, most: usize) {
    ANSWERS.with_borrow_mut(|answers| answers.put(request_key, answer, most));
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::{http::header::CACHE_CONTROL, test::TestRequest};

    const ANY: HeaderValue = HeaderValue::from_static("*");

    fn request_key(address: &str, headers: &[(&'static str, &'static str)]) -> Option<Vec<u8>> {
        let request = TestRequest::with_uri(address);
        let request = headers
            .iter()
            .fold(request, |request, header| request.append_header(*header));
        cache_key(&request.to_request())
    }

    fn headers(cache_control: &'static str) -> Headers {
        let value = HeaderValue::from_static(cache_control);
        vec![(HeaderName::from_static("vary"), ANY), (CACHE_CONTROL, value)]
    }

    #[test]
    fn answers_share_the_headers_that_are_the_same() {
        let one = common(headers("no-store"));
        let mut turned = headers("no-store");
        turned.reverse();

        assert!(Rc::ptr_eq(&one, &common(turned)));
        assert_eq!(*common(headers("no-cache")), {
            let mut sorted = headers("no-cache");
            sorted.reverse();
            sorted
        });
        for _ in 0..MOST_COMMON * 2 {
            let other = format!("max-age={}", u64::from_ne_bytes(vitrine_base::random::bytes()));
            common(vec![(CACHE_CONTROL, HeaderValue::try_from(other).unwrap())]);
        }
        assert!(COMMON.with_borrow(Vec::len) <= MOST_COMMON);
    }

    #[test]
    fn requests_that_could_be_answered_otherwise_have_other_words() {
        let requests = [
            request_key("/a", &[]),
            request_key("/a?b", &[]),
            request_key("/a", &[("x-api-key", "k")]),
            request_key("/a", &[("x-api-key", "")]),
            request_key("/a", &[("accept-encoding", "br")]),
            request_key(
                "/a",
                &[("accept-encoding", "br"), ("accept-encoding", "gzip;q=0")],
            ),
            request_key("/a", &[("origin", "br")]),
            request_key("/a", &[("x-api-key", "k"), ("origin", "br")]),
            request_key("/a", &[("accept-encoding", "")]),
            request_key("/a", &[("origin", ""), ("x-api-key", "k")]),
        ];

        let different: std::collections::HashSet<_> = requests.iter().flatten().collect();
        assert_eq!(different.len(), requests.len());
        assert_eq!(request_key("/a", &[("user-agent", "x")]), request_key("/a", &[]));
        assert_eq!(request_key("/a", &[("authorization", "Bearer x")]), None);
    }
}
