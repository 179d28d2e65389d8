//! `Idempotency-Key`: the same request twice is done once.
//!
//! Source of the header: <https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/>.

use crate::{
    app::App,
    http::{
        auth::{caller_of, still_allowed},
        extract::read_body,
        problem::{Problem, code},
    },
};
use actix_web::{
    Error, FromRequest, HttpMessage, HttpRequest, HttpResponse,
    body::{BoxBody, MessageBody},
    dev::{Payload, ServiceRequest, ServiceResponse},
    http::{
        Method, StatusCode,
        header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, LOCATION},
    },
    middleware::Next,
    web::{self, Bytes, Data},
};
use vitrine_entity::membership::Role;
use vitrine_tenancy::idempotency::{CallerKey, KeyState, RequestDigest, Reservation, StoredResponse};

/// The header that names a request.
pub(crate) const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
/// Says that an answer was given before.
const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");
/// Characters that a key may have.
pub(crate) const LONGEST_KEY: usize = 255;
/// How soon a request that is being run is worth another look.
const RUNNING_FOR_SECONDS: u64 = 1;

/// Answers a repeated request as it was answered the first time. Only for callers that show a credential: a key
/// belongs to one of them.
pub(crate) async fn replay_responses(
    app: Data<App>,
    mut request: ServiceRequest,
    next: Next<BoxBody>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let wanted = match key_of(request.headers()) {
        Some(wanted) if request.method() == Method::POST => wanted,
        _ => return next.call(request).await,
    };
    if caller_of(request.request()).is_none() {
        return next.call(request).await;
    }
    let key_state = match wanted {
        Err(problem) => Err(problem),
        Ok(key) => {
            let digest = digest(&app, &mut request).await;
            // Whoever is gone by now is refused by the handler, and gets no answer that was given to them before.
            let Some(caller) = caller_of(request.request()) else {
                return next.call(request).await;
            };
            let key = CallerKey::of(caller.actor(), &key);
            match digest {
                Ok(digest) => begin(&app, &caller, &key, &digest).await,
                Err(problem) => Err(problem),
            }
        }
    };
    match key_state {
        Ok(Ok(reservation)) => run(&app, request, next, &reservation).await,
        Ok(Err(answer)) => Ok(request.into_response(repeated(answer))),
        Err(problem) => Ok(request.error_response(problem)),
    }
}

/// The right to run the request, or its first answer.
async fn begin(
    app: &App,
    caller: &crate::http::auth::Caller,
    key: &CallerKey,
    digest: &RequestDigest,
) -> Result<Result<Reservation, StoredResponse>, Problem> {
    match app.idempotency.begin(caller.tenant(), key, digest).await? {
        KeyState::First(reservation) => Ok(Ok(reservation)),
        KeyState::Answered(answer) if answer.is_for(caller.role()) => Ok(Err(answer)),
        KeyState::Answered(_) => {
            Err(Problem::new(&code::INSUFFICIENT_ROLE)
                .with_detail("the first answer was given to a higher role"))
        }
        KeyState::Running => {
            Err(Problem::new(&code::IDEMPOTENCY_KEY_IN_USE).retry_after_seconds(RUNNING_FOR_SECONDS))
        }
        KeyState::Reused => Err(Problem::new(&code::IDEMPOTENCY_KEY_REUSED)),
    }
}

/// Runs the request. A success is kept; whatever changed nothing frees the key.
async fn run(
    app: &App,
    request: ServiceRequest,
    next: Next<BoxBody>,
    reservation: &Reservation,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let answer = match next.call(request).await {
        Ok(answer) => answer,
        Err(error) => {
            settle(app, reservation, None).await;
            return Err(error);
        }
    };
    let (request, response) = answer.into_parts();
    let role = match response.status().is_success() {
        true => role_for(app, &request).await,
        false => None,
    };
    let (response, kept) = stored_response(response, role);
    settle(app, reservation, kept).await;
    Ok(ServiceResponse::new(request, response))
}

/// What somebody must be allowed to, to be given the answer again: what they were allowed before the request and are
/// still after it, since a request may lower the role of whoever makes it.
async fn role_for(app: &App, request: &HttpRequest) -> Option<Role> {
    let caller = caller_of(request)?;
    let person = caller.person().ok()?;
    let now = app.identity.tenancies.role_now(person).await.ok().flatten();
    Some(now.map_or(person.role, |now| now.min(person.role)))
}

/// What cannot be settled stays in use for a while, and is free again then.
async fn settle(app: &App, reservation: &Reservation, answer: Option<StoredResponse>) {
    let settled = match answer {
        Some(answer) => app.idempotency.keep(reservation, &answer).await,
        None => app.idempotency.forget(reservation).await,
    };
    if let Err(error) = settled {
        tracing::warn!(error = %error, "could not store the response to a request with an Idempotency-Key");
    }
}

fn stored_response(response: HttpResponse, role: Option<Role>) -> (HttpResponse, Option<StoredResponse>) {
    if !response.status().is_success() {
        return (response, None);
    }
    let (response, body) = response.into_parts();
    let text = |name| {
        let value: &HeaderValue = response.headers().get(name)?;
        value.to_str().ok().map(str::to_owned)
    };
    let (content_type, location) = (text(CONTENT_TYPE), text(LOCATION));
    match body.try_into_bytes() {
        Ok(bytes) => {
            let answer = StoredResponse {
                status: response.status().as_u16(),
                content_type,
                location,
                body: bytes.to_vec(),
                role,
            };
            (response.set_body(BoxBody::new(bytes)), Some(answer))
        }
        Err(body) => (response.set_body(body), None),
    }
}

fn repeated(answer: StoredResponse) -> HttpResponse {
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::OK);
    let mut builder = HttpResponse::build(status);
    builder.insert_header((REPLAYED, "true"));
    if let Some(content_type) = answer.content_type {
        builder.insert_header((CONTENT_TYPE, content_type));
    }
    if let Some(location) = answer.location {
        builder.insert_header((LOCATION, location));
    }
    builder.body(answer.body)
}

/// The key of a request, where it carries one.
fn key_of(headers: &HeaderMap) -> Option<Result<String, Problem>> {
    let mut values = headers.get_all(IDEMPOTENCY_KEY);
    let (first, second) = (values.next()?, values.next());
    let text = first.to_str().unwrap_or_default();
    let sane = (1..=LONGEST_KEY).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
    if sane && second.is_none() {
        Some(Ok(text.to_owned()))
    } else {
        Some(Err(Problem::new(&code::INVALID_IDEMPOTENCY_KEY)))
    }
}

/// The digest of a request, whose body is read and put back; who sent it slowly is looked up again.
async fn digest(app: &App, request: &mut ServiceRequest) -> Result<RequestDigest, Problem> {
    let body = match request.take_payload() {
        Payload::None => Bytes::new(),
        mut payload => {
            let reader = web::Payload::from_request(request.request(), &mut payload).await;
            read_body(reader.map_err(|_| Problem::new(&code::INCOMPLETE_BODY))?).await?
        }
    };
    still_allowed(request.request()).await?;
    let address = request
        .uri()
        .path_and_query()
        .map_or("", |address| address.as_str());
    let kind = request
        .headers()
        .get(CONTENT_TYPE)
        .map_or(&b""[..], HeaderValue::as_bytes);
    let digest = app.idempotency.digest(&[
        request.method().as_str().as_bytes(),
        address.as_bytes(),
        kind,
        &body,
    ]);
    if !body.is_empty() {
        request.set_payload(Payload::from(body));
    }
    Ok(digest)
}
