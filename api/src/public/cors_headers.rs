//! Which pages may read public answers (the Fetch standard's CORS protocol).
//!
//! Nothing here is sent with cookies: a key opens a feed, so `*` gives nothing away.

use crate::{
    app::App,
    http::{allow_origin::ANY, auth::caller_of, rate_limit_headers},
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
            HeaderName, HeaderValue, VARY,
        },
    },
    middleware::Next,
    web::Data,
};
use vitrine_limits::traffic::Allowance;

/// What a page's script may read beside the body.
const EXPOSED: &str = "Age, ETag, RateLimit, RateLimit-Policy, Retry-After, X-Request-Id";

/// What an answer varies with: the page, and the headers that can carry the key.
const VARIES: &str = "Origin, Accept-Encoding, Authorization, X-Api-Key";

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
        rate_limit_headers::insert_headers(answer.headers_mut(), &allowance);
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
