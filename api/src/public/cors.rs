//! Which pages may read public answers (the Fetch standard's CORS protocol).
//!
//! Nothing here is sent with cookies: a key opens a feed, so `*` gives nothing away.

use super::rate_limit;
use crate::{
    app::App,
    auth::caller_of,
    problem::{Problem, code},
};
use actix_web::{
    Error, HttpMessage, HttpRequest, HttpResponse,
    body::BoxBody,
    dev::{ServiceRequest, ServiceResponse},
    http::{
        Method,
        header::{
            ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
            ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, CROSS_ORIGIN_RESOURCE_POLICY, HeaderMap,
            HeaderName, HeaderValue, ORIGIN, VARY,
        },
    },
    middleware::Next,
    web::Data,
};
use vitrine_base::origins::is_among;
use vitrine_limits::traffic::Allowance;

/// What a page's script may read beside the body.
const EXPOSED: &str = "Age, ETag, RateLimit, RateLimit-Policy, Retry-After, X-Request-Id";

/// What an answer varies with: the page, and the headers that can carry the key.
const VARIES: &str = "Origin, Accept-Encoding, Authorization, X-Api-Key";

const ANY: HeaderValue = HeaderValue::from_static("*");

/// The headers of a preflight's answer. It comes without credentials, so it promises no more than
/// that the question may be asked.
const PREFLIGHT: [(HeaderName, &str); 4] = [
    (ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
    (ACCESS_CONTROL_ALLOW_METHODS, "GET, HEAD, OPTIONS"),
    (
        ACCESS_CONTROL_ALLOW_HEADERS,
        "Authorization, X-Api-Key, X-Request-Id, If-None-Match, If-Modified-Since",
    ),
    (ACCESS_CONTROL_MAX_AGE, "86400"),
];

/// Answers preflights, and lets scripts of any page read answers that name no origin themselves:
/// those are problems, which hold nothing of the tenant's.
pub(crate) async fn share_answers(
    request: ServiceRequest,
    next: Next<BoxBody>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    if request.method() == Method::OPTIONS {
        return Ok(request.into_response(preflight()));
    }
    let mut answer = next.call(request).await?;
    let problem = answer.status().is_client_error() || answer.status().is_server_error();
    if let Some(allowance) = allowance_of(answer.request()) {
        rate_limit::insert_headers(answer.headers_mut(), &allowance);
    }
    share(answer.headers_mut(), problem);
    Ok(answer)
}

/// What whoever asks may still ask for; also where the question was refused before it was counted.
fn allowance_of(request: &HttpRequest) -> Option<Allowance> {
    let counted = request.extensions().get::<Allowance>().copied();
    counted.or_else(|| {
        let (caller, app) = (caller_of(request)?, request.app_data::<Data<App>>()?);
        Some(app.traffic.left(caller.payer(), caller.tenant()))
    })
}

fn preflight() -> HttpResponse {
    let mut builder = HttpResponse::NoContent();
    for header in PREFLIGHT {
        builder.insert_header(header);
    }
    builder.finish()
}

/// Completes the headers of an answer. A problem names no origin itself and holds nothing of a tenant's, so
/// that any page may read it.
pub(crate) fn share(headers: &mut HeaderMap, problem: bool) {
    if problem {
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, ANY);
    }
    headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static(EXPOSED));
    headers.insert(
        CROSS_ORIGIN_RESOURCE_POLICY,
        HeaderValue::from_static("cross-origin"),
    );
    if !headers.contains_key(VARY) {
        headers.insert(VARY, HeaderValue::from_static(VARIES));
    }
}

/// The value of `Access-Control-Allow-Origin` for a request with these headers, given what the key
/// and the feed restrict; an empty list restricts nothing. None where the request is no page's.
///
/// # Errors
/// `origin_not_allowed` when a page of another origin asks.
pub(crate) fn allow_origin(headers: &HeaderMap, lists: &[&[String]]) -> Result<Option<HeaderValue>, Problem> {
    let mut restricting = lists.iter().filter(|list| !list.is_empty()).peekable();
    if restricting.peek().is_none() {
        return Ok(Some(ANY));
    }
    let Some(origin) = headers.get(ORIGIN) else {
        return Ok(None);
    };
    let text = origin.to_str().unwrap_or_default();
    if restricting.all(|list| is_among(list, text)) {
        Ok(Some(origin.clone()))
    } else {
        Err(Problem::new(&code::ORIGIN_NOT_ALLOWED))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from(origin: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(ORIGIN, HeaderValue::from_str(origin).unwrap());
        headers
    }

    fn list(patterns: &[&str]) -> Vec<String> {
        patterns.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn without_restrictions_every_page_may_read() {
        assert_eq!(
            allow_origin(&from("https://any.example"), &[&[], &[]]).unwrap(),
            Some(ANY)
        );
        assert_eq!(allow_origin(&HeaderMap::new(), &[&[]]).unwrap(), Some(ANY));
    }

    #[test]
    fn a_restricted_answer_names_the_one_origin() {
        let allowed = list(&["https://shop.example", "https://*.example.com"]);

        for origin in [
            "https://shop.example",
            "https://www.example.com",
            "https://a.b.example.com",
        ] {
            let value = allow_origin(&from(origin), &[&allowed, &[]]).unwrap();
            assert_eq!(value.unwrap(), origin);
        }
    }

    #[test]
    fn other_pages_are_refused() {
        let allowed = list(&["https://shop.example", "https://*.example.com"]);
        let others = [
            "https://shop.example.evil",
            "http://shop.example",
            "https://shop.example:8443",
            "https://example.com",
            "https://notexample.com",
            "https://evil.test/.example.com",
            "https://evil.test:1.example.com",
            "http://www.example.com",
            "null",
            "https://.example.com",
        ];

        for origin in others {
            let refused = allow_origin(&from(origin), &[&allowed]).unwrap_err();
            assert_eq!(refused.code(), &code::ORIGIN_NOT_ALLOWED, "{origin}");
        }
    }

    #[test]
    fn key_and_feed_must_both_allow_the_page() {
        let key = list(&["https://a.example", "https://b.example"]);
        let feed = list(&["https://b.example", "https://c.example"]);

        assert!(allow_origin(&from("https://b.example"), &[&key, &feed]).is_ok());
        assert!(allow_origin(&from("https://a.example"), &[&key, &feed]).is_err());
        assert!(allow_origin(&from("https://c.example"), &[&key, &feed]).is_err());
    }

    #[test]
    fn a_server_without_an_origin_is_let_through_unmarked() {
        assert_eq!(
            allow_origin(&HeaderMap::new(), &[&list(&["https://a.example"])]).unwrap(),
            None
        );
    }
}
