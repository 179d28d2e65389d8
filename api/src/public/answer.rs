//! The answer to a visitor: bytes as they stand in memory, with everything that caches need to know.

use crate::http::representation::conditional::{is_fresh, last_modified_date};
use actix_web::{
    HttpMessage, HttpResponse, HttpResponseBuilder,
    http::header::{
        ACCESS_CONTROL_ALLOW_ORIGIN, AGE, CACHE_CONTROL, CONTENT_ENCODING, ETAG, HeaderValue, LAST_MODIFIED,
    },
};
use vitrine_entity::Time;
use vitrine_feeds::{Encoding, FeedResponse};
use vitrine_limits::traffic::Allowance;

/// How long a browser may at most show an old copy while it fetches a new one; no longer than the owner
/// lets it keep a copy, so that what was hidden is gone in time.
const STALE_WHILE_REVALIDATE_SECONDS: u32 = 3_600;
/// How long a cache may show an old copy while this server is away.
const STALE_IF_ERROR_SECONDS: u32 = 86_400;
/// How long a browser may at least keep what is answered beyond the plan's end.
const BEYOND_PLAN_SECONDS: u32 = 3_600;

/// The bytes, or 304 where the client has them. `origin` is the page that may read them.
pub(crate) fn answer(
    request: &impl HttpMessage,
    served: &FeedResponse,
    origin: Option<HeaderValue>,
    allowance: &Allowance,
    now: Time,
) -> HttpResponse {
    let max_age = max_age(served.cache_seconds(), allowance);
    if is_fresh(request, served.etag(), served.last_modified()) {
        return headed(HttpResponse::NotModified(), served, origin, max_age, now).finish();
    }
    let mut builder = headed(HttpResponse::Ok(), served, origin, max_age, now);
    if served.encoding() != Encoding::Identity {
        builder.insert_header((CONTENT_ENCODING, served.encoding().name()));
    }
    builder.content_type(served.content_type()).body(served.body())
}

fn headed(
    mut builder: HttpResponseBuilder,
    served: &FeedResponse,
    origin: Option<HeaderValue>,
    max_age: u32,
    now: Time,
) -> HttpResponseBuilder {
    builder
        .insert_header((ETAG, served.etag()))
        .insert_header((LAST_MODIFIED, last_modified_date(served.last_modified(), now)))
        .insert_header((CACHE_CONTROL, cache_control(max_age)))
        .insert_header((AGE, served.age(now).as_secs()));
    if let Some(origin) = origin {
        builder.insert_header((ACCESS_CONTROL_ALLOW_ORIGIN, origin));
    }
    builder
}

/// Beyond the plan's end photos are served all the same; browsers and caches keep them longer.
fn max_age(cache_seconds: u32, allowance: &Allowance) -> u32 {
    match allowance.plan {
        Some(plan) if plan.remaining == 0 => cache_seconds.max(BEYOND_PLAN_SECONDS),
        _ => cache_seconds,
    }
}

fn cache_control(max_age: u32) -> String {
    let stale = max_age.min(STALE_WHILE_REVALIDATE_SECONDS);
    format!(
        "public, max-age={max_age}, stale-while-revalidate={stale}, stale-if-error={STALE_IF_ERROR_SECONDS}"
    )
}
