//! Pages of the tenant's own origins may call the management API, by the Fetch standard's CORS protocol.
//!
//! Only a bearer token opens anything, and no cookie is read here: so a page that has none can do no more than any
//! program, and the list of origins decides which pages may read the answers.

use crate::{
    app::App,
    http::{allow_origin::ANY, auth::caller_of, operations::Operations},
};
use actix_web::{
    Error, HttpRequest, HttpResponse,
    body::BoxBody,
    dev::{ServiceRequest, ServiceResponse},
    http::{
        Method, StatusCode,
        header::{
            ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
            ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_METHOD, HeaderMap,
            HeaderValue, ORIGIN, VARY,
        },
    },
    middleware::Next,
    web::Data,
};
use vitrine_base::web::origin_pattern::is_among;

/// What a page may send besides what every page may.
const ALLOWED_HEADERS: &str = "Authorization, Content-Type, Idempotency-Key, X-Request-Id";
/// What a page's script may read beside the body.
const EXPOSED: &str =
    "Idempotency-Replayed, Location, RateLimit, RateLimit-Policy, Retry-After, X-Request-Id";
/// As long as browsers keep it at most.
const MAX_AGE: &str = "7200";

/// Answers preflights of operations that ask for a credential, and lets pages of the tenant's `allowed_origins` read
/// the answers. Pages of others read no more than that nobody knows who asks.
pub(crate) async fn allow_tenant_origins(
    app: Data<App>,
    operations: Data<Operations>,
    request: ServiceRequest,
    next: Next<BoxBody>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    if let Some(methods) = preflight(&request, &operations) {
        let answer = answer_preflight(methods);
        return Ok(request.into_response(answer));
    }
    if !is_guarded(&operations, request.method(), &request) {
        return next.call(request).await;
    }
    let mut answer = next.call(request).await?;
    let reader = reader(answer.request(), answer.status(), &app).await;
    share(answer.headers_mut(), reader);
    Ok(answer)
}

fn is_guarded(operations: &Operations, method: &Method, request: &ServiceRequest) -> bool {
    let pattern = request.match_pattern().unwrap_or_default();
    let known = operations.parameters(method, &pattern);
    known.is_some_and(|known| known.guarded)
}

/// The methods of the address that a preflight asks about, where it may be asked at all.
fn preflight<'o>(request: &ServiceRequest, operations: &'o Operations) -> Option<&'o str> {
    let asked = request.headers().get(ACCESS_CONTROL_REQUEST_METHOD)?;
    let asked = Method::from_bytes(asked.as_bytes()).ok()?;
    let asks = request.method() == Method::OPTIONS && request.headers().contains_key(ORIGIN);
    let guarded = asks && is_guarded(operations, &asked, request);
    operations.methods(&request.match_pattern()?).filter(|_| guarded)
}

/// It comes without a token, so nobody knows yet whose origins count: it says no more than that one may ask.
fn answer_preflight(methods: &str) -> HttpResponse {
    HttpResponse::NoContent()
        .insert_header((ACCESS_CONTROL_ALLOW_ORIGIN, ANY))
        .insert_header((ACCESS_CONTROL_ALLOW_METHODS, methods))
        .insert_header((ACCESS_CONTROL_ALLOW_HEADERS, ALLOWED_HEADERS))
        .insert_header((ACCESS_CONTROL_MAX_AGE, MAX_AGE))
        .finish()
}

/// Which page may read the answer.
async fn reader(request: &HttpRequest, status: StatusCode, app: &App) -> Option<HeaderValue> {
    let origin = request.headers().get(ORIGIN)?;
    let Some(caller) = caller_of(request) else {
        // Without it a page could not tell that its token has expired.
        return (status == StatusCode::UNAUTHORIZED).then_some(ANY);
    };
    let tenant = app.identity.tenant_settings.read(caller.tenant()).await.ok()?;
    let text = origin.to_str().ok()?;
    is_among(&tenant.allowed_origins.0, text).then(|| origin.clone())
}

fn share(headers: &mut HeaderMap, reader: Option<HeaderValue>) {
    headers.append(VARY, HeaderValue::from_static("Origin"));
    if let Some(reader) = reader {
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, reader);
        headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static(EXPOSED));
    }
}
