//! A visit that can be answered from memory: a key, a feed and plain parameters.

use super::{FEEDS, FORMS};
use crate::{
    app::App,
    http::{
        allow_origin::{allow_origin, origin},
        auth::{Caller, refuse_secret},
        middleware::{RequestId, complete_headers},
        rate_limit_headers,
        representation::{conditional::is_settled, encoding::wanted},
    },
    public::{answer::answer, cors_headers::share, response_cache::ResolvedRequest},
};
use actix_http::Request;
use actix_web::{HttpMessage, HttpResponse, http::header::HeaderMap};
use vitrine_entity::FeedId;
use vitrine_feeds::{FeedFormat, FeedQuery};

/// Length of an id as text.
const ID: usize = 36;

/// A request that can be answered so, taken apart.
pub(super) struct ParsedRequest<'a> {
    feed: FeedId,
    pub(super) form: usize,
    key: &'a str,
    key_in_query: bool,
    limit: Option<u32>,
    cursor: Option<&'a str>,
    media_type: Option<&'a str>,
}

impl<'a> ParsedRequest<'a> {
    pub(super) fn of(request: &'a Request) -> Option<Self> {
        let (id, rest) = request.path().strip_prefix(FEEDS)?.split_at_checked(ID)?;
        let form = FORMS.iter().position(|(end, ..)| *end == rest)?;
        let mut parsed = Self {
            feed: id.parse().ok()?,
            form,
            key: key_in_headers(request.headers())?,
            key_in_query: false,
            limit: None,
            cursor: None,
            media_type: None,
        };
        parsed.read(request.uri().query().unwrap_or_default())?;
        (!parsed.key.is_empty()).then_some(parsed)
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

    fn feed_query(&self) -> FeedQuery {
        let form = FORMS[self.form].1.clone();
        let linked = self.key_in_query && form != FeedFormat::Photos;
        FeedQuery {
            form,
            limit: self.limit,
            cursor: self.cursor.map(str::to_owned),
            before: None,
            media_type: self.media_type.map(str::to_owned),
            key_in_links: linked.then(|| self.key.to_owned()),
        }
    }

    /// The answer, and what was found for it, where the answer stays what it is.
    pub(super) fn answer(
        &self,
        app: &App,
        request: &Request,
    ) -> Option<(HttpResponse, Option<ResolvedRequest>)> {
        if self.key_in_query {
            refuse_secret(self.key).ok()?;
        }
        let cached_key = app.api_keys.cached(self.key)?;
        let key = cached_key.caller();
        let (caller, headers) = (Caller::Key(key.clone()), request.headers());
        let encoding = wanted(headers)?;
        let served = app
            .feed_reader
            .cached(caller.tenant(), self.feed, self.feed_query(), encoding)?;
        let readers = key.read_feed(served.feed(), origin(headers)).ok()?;
        let origin = allow_origin(headers, readers);
        let counter = app.traffic.counter(caller.payer(), caller.tenant());
        let allowance = app.traffic.take_from(&counter)?;
        let now = app.clock.now();
        let mut answer = answer(request, &served, origin, &allowance, now);
        share(answer.headers_mut(), false);
        rate_limit_headers::insert_headers(answer.headers_mut(), &allowance);
        complete_headers(
            answer.headers_mut(),
            &RequestId::of(headers),
            app.settings.is_over_tls(),
        );
        let found = is_settled(served.last_modified(), now).then(|| ResolvedRequest {
            served: served.before(),
            key: cached_key,
            counter,
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
